package io.faultline.pager;

/**
 * A region of a client that is connected.
 *
 * @param client whose it is, for users
 * @param store the name of its store
 * @param storeOffset where it begins there, in bytes
 * @param bytes its length
 * @param residentBytes how much of it is in memory, without staged pages
 * @param isWritable whether the client may store to it
 */
public record RegionStatus(
    String client,
    String store,
    long storeOffset,
    long bytes,
    long residentBytes,
    boolean isWritable) {}
