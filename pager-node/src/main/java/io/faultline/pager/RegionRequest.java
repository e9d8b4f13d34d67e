package io.faultline.pager;

import io.faultline.paging.RegionOptions;
import org.jspecify.annotations.Nullable;

/**
 * A region of a handshake, checked as far as it can be without the client's memory.
 *
 * @param address where the client has mapped it, a multiple of the page size; an unsigned number
 * @param sizeBytes positive, a multiple of the page size
 * @param fileOffset in the memfd, a multiple of the page size
 * @param options its budget, and whether the client may store to it
 * @param advice how it will be accessed
 * @param store the name or absolute path of the store; null for the default one
 * @param storeOffset where the region begins in the store, a multiple of the page size
 */
record RegionRequest(
    long address,
    long sizeBytes,
    long fileOffset,
    RegionOptions options,
    Request.Advice advice,
    @Nullable String store,
    long storeOffset) {

  boolean isWritable() {
    return options.writable();
  }

  /** Whether two ranges have a byte in common. */
  static boolean overlap(long first, long firstBytes, long second, long secondBytes) {
    return first < second + secondBytes && second < first + firstBytes;
  }
}
