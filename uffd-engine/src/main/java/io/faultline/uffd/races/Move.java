package io.faultline.uffd.races;

/**
 * What one thread did while the others stood still.
 *
 * @param role who
 * @param text what, and what came of it
 */
record Move(Role role, String text) {}
