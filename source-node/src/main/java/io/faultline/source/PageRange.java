package io.faultline.source;

/**
 * Consecutive base pages of one region of a VM.
 *
 * @param region the id of the region
 * @param first the number of the first page
 * @param count the number of pages, at least 1
 */
public record PageRange(int region, long first, long count) {}
