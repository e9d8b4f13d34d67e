package io.faultline.pager;

import org.jspecify.annotations.Nullable;

/**
 * A region of a handshake, checked as far as it can be without the client's memory.
 *
 * @param address where the client has mapped it, a multiple of the page size; an unsigned number
 * @param sizeBytes positive, a multiple of the page size
 * @param fileOffset in the memfd, a multiple of the page size
 * @param isWritable whether the client stores to it
 * @param store the name or absolute path of the store; null for the default one
 * @param storeOffset where the region begins in the store, a multiple of the page size
 */
record RegionRequest(
    long address,
    long sizeBytes,
    long fileOffset,
    boolean isWritable,
    @Nullable String store,
    long storeOffset) {

  /** Whether two ranges have a byte in common. */
  static boolean overlap(long first, long firstBytes, long second, long secondBytes) {
    return first < second + secondBytes && second < first + firstBytes;
  }
}
