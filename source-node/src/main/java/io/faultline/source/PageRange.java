package io.faultline.source;

/**
 * Base pages of one region of a VM, one behind the other.
 *
 * @param region its id
 * @param first the number of the first
 * @param count how many, at least 1
 */
public record PageRange(int region, long first, long count) {}
