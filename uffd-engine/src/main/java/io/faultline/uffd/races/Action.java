package io.faultline.uffd.races;

/**
 * An action of one thread while the others stood still.
 *
 * @param role the thread
 * @param text what it did, and the result
 */
record Action(Role role, String text) {}
