package io.faultline.dest;

import io.faultline.memory.MemoryRegion;

/** Which base pages are here. Asked in ascending order, while none comes. */
interface ReceivedPages {
  /** The first page at or after {@code page} that is here; the page count where there is none. */
  long nextReceived(MemoryRegion region, long page);

  /** The first page at or after {@code page} that is not here; the page count where all are. */
  long nextMissing(MemoryRegion region, long page);

  /** Tells of each run of pages that are not here. */
  default void forEachMissing(MemoryRegion region, Run run) {
    long first = nextMissing(region, 0);
    while (first < region.basePageCount()) {
      long end = nextReceived(region, first);
      run.of(first, end);
      first = nextMissing(region, end);
    }
  }

  /** Base pages of a region. */
  interface Run {
    void of(long first, long end);
  }
}
