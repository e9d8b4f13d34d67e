package io.faultline.paging;

/**
 * A region that is possible, with its share of the buffer, before anything of its memory has
 * changed.
 */
record RegionPlan(PageStore store, long lengthBytes, FrameShare share, boolean writable) {}
