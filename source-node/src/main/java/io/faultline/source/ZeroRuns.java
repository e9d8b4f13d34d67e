package io.faultline.source;

import io.faultline.memory.MemoryRegion;

/**
 * Loads a run of base pages, unless it is known to be zeros, and splits it into runs of zero pages
 * and runs of pages with data.
 */
final class ZeroRuns {
  /** Receives the runs, in order. */
  interface Sender {
    /**
     * Sends a run.
     *
     * @param zero whether all pages are zero; otherwise each grain has some data
     * @return the bytes that it counts for
     */
    long send(MemoryRegion memory, long firstPage, int count, boolean zero);
  }

  private ZeroRuns() {}

  /**
   * Splits and sends a run.
   *
   * @param end exclusive
   * @param grain pages that belong together: zero only if all of them are
   * @param maxPages the longest run to send, a multiple of the grain
   * @return the sum of what the sender returned
   */
  static long send(
      MemoryRegion memory, long first, long end, int grain, long maxPages, Sender sender) {
    long bytes = 0;
    long mostLoaded = Math.max(grain, memory.maxLoadBytes() / memory.basePageBytes());
    for (long page = first; page < end; ) {
      long zeros = knownZeros(memory, page, end, grain);
      if (zeros > 0) {
        bytes += sendZeros(memory, page, page + zeros, maxPages, sender);
        page += zeros;
      } else {
        long loaded = Math.min(mostLoaded, end - page);
        memory.load(page * memory.basePageBytes(), loaded * memory.basePageBytes());
        bytes += sendLoaded(memory, page, page + loaded, grain, maxPages, sender);
        page += loaded;
      }
    }
    return bytes;
  }

  /** Pages from the first on that are known to be zeros; whole grains. */
  private static long knownZeros(MemoryRegion memory, long first, long end, int grain) {
    long pageBytes = memory.basePageBytes();
    long pages = memory.knownZeros(first * pageBytes, (end - first) * pageBytes) / pageBytes;
    return pages - pages % grain;
  }

  private static long sendZeros(
      MemoryRegion memory, long first, long end, long maxPages, Sender sender) {
    long bytes = 0;
    for (long page = first; page < end; page += maxPages) {
      int count = Math.toIntExact(Math.min(maxPages, end - page));
      bytes += sender.send(memory, page, count, true);
    }
    return bytes;
  }

  private static long sendLoaded(
      MemoryRegion memory, long first, long end, int grain, long maxPages, Sender sender) {
    long bytes = 0;
    for (long page = first; page < end; ) {
      boolean zero = isZero(memory, page, grain);
      long limit = Math.min(end, page + maxPages);
      long next = page + grain;
      while (next < limit && isZero(memory, next, grain) == zero) {
        next += grain;
      }
      bytes += sender.send(memory, page, Math.toIntExact(next - page), zero);
      page = next;
    }
    return bytes;
  }

  private static boolean isZero(MemoryRegion memory, long page, int grain) {
    long offset = page * memory.basePageBytes();
    return memory.isZero(offset, grain * memory.basePageBytes());
  }
}
