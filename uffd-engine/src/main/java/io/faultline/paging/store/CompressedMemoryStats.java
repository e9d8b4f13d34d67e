package io.faultline.paging.store;

/**
 * What a {@link CompressedMemoryStore} holds.
 *
 * @param pages that are not all zeros; others cost nothing
 * @param compressedBytes their length when compressed
 * @param usedBytes of memory, with what is lost between blocks, and the page table
 * @param limitBytes of memory
 */
public record CompressedMemoryStats(
    long pages, long compressedBytes, long usedBytes, long limitBytes) {
  /** The bytes of the pages over their compressed bytes; 1 if there are none. */
  public double ratio() {
    return compressedBytes == 0
        ? 1
        : (double) pages * CompressedMemoryStore.PAGE_BYTES / compressedBytes;
  }
}
