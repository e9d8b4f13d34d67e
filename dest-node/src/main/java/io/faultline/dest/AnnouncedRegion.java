package io.faultline.dest;

/**
 * A region of memory as the source announced it.
 *
 * @param id identifies it in page frames
 * @param name human-readable
 * @param sizeBytes a positive multiple of {@code pageBytes}
 * @param pageBytes the size of its pages, a power of two
 */
public record AnnouncedRegion(int id, String name, long sizeBytes, long pageBytes) {}
