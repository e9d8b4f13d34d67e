package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.ZeroPages;

/** Divides runs of base pages into those of zeros and others. */
final class PageRuns {
  private PageRuns() {}

  /** Whether {@code grain} pages hold only zeros. */
  static boolean isZero(MemoryRegion memory, long page, int grain) {
    long offset = page * memory.basePageBytes();
    return ZeroPages.isZero(memory.guest().dataAddress(offset), grain * memory.basePageBytes());
  }

  /** The end of the run that starts at {@code page}, {@code grain} pages of which are alike. */
  static long endOfAlike(MemoryRegion memory, long page, long end, int grain, boolean zero) {
    long next = page + grain;
    while (next < end && isZero(memory, next, grain) == zero) {
      next += grain;
    }
    return next;
  }
}
