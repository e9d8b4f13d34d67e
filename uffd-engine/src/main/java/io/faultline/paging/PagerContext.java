package io.faultline.paging;

import io.faultline.paging.table.StagingRing;
import io.faultline.paging.table.StreamTable;
import io.faultline.uffd.Kernel;
import java.lang.foreign.MemorySegment;

/**
 * What the threads of a pager share.
 *
 * @param stagingAddress the address of the staging memory, as the kernel knows it
 * @param staged the staging memory, as stores read it
 * @param held a page for each stream that is read ahead
 * @param reads sequential accesses, to read more than one page
 * @param writes sequential first writes, to unprotect more than one page
 * @param maxWindow the maximum number of pages that a fill reads, or that leave as one run
 */
record PagerContext(
    Kernel kernel,
    int pageBytes,
    FrameSupply frames,
    StagingRing staging,
    long stagingAddress,
    MemorySegment staged,
    MemorySegment held,
    StreamTable reads,
    StreamTable writes,
    Regions regions,
    Counters counters,
    StoreWatch watch,
    Pause pause,
    int maxWindow) {

  long stagingAddress(int slot) {
    return stagingAddress + (long) slot * pageBytes;
  }

  long bytes(long pages) {
    return pages * pageBytes;
  }

  void count(Counter counter, long amount) {
    counters.add(counter, amount);
  }

  /** Reports an error of a region, and counts it. */
  void report(Region region, PagingError.Kind kind, long page, long count, String message) {
    count(Counter.ERRORS, 1);
    region.report(kind, page, count, message);
  }

  /**
   * Waits until no write of these pages is in flight that began before they were rescued: it has
   * older contents than the store must get now. Only for pages that cannot be staged meanwhile.
   */
  void awaitOlderWrite(Region region, long first, int count) {
    for (int round = 0; staging.isBeingWritten(region.index, first, count); round++) {
      pause.round(round);
    }
  }

  /**
   * Appends resident pages to the eviction queue, except those that are in it. Waits while the
   * queue is full, unless the region is being closed: its pages leave in another way, and the
   * evictor may have ended.
   */
  void enqueue(Region region, long first, int count, boolean isHot) {
    for (int round = 0; !region.share.queue().add(region, first, count, isHot); round++) {
      if (region.isClosing()) {
        return;
      }
      frames.wakeEvictor(); // it removes the runs of discarded pages
      pause.round(round);
    }
  }
}
