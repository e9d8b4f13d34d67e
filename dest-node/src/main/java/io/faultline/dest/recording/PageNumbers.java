package io.faultline.dest.recording;

import io.faultline.memory.MemoryRegion;
import java.util.BitSet;
import java.util.List;

/**
 * Numbers the base pages of all regions from 0, and remembers the pages that were requested.
 * Immutable, except for the requests, which are confined to the control loop.
 */
final class PageNumbers {
  private final long[] firstOfRegion;
  private final long total;
  private final BitSet requested;

  PageNumbers(List<MemoryRegion> regions) {
    firstOfRegion = new long[regions.size()];
    long next = 0;
    for (MemoryRegion region : regions) {
      firstOfRegion[region.id()] = next;
      next += region.basePageCount();
    }
    total = next;
    requested = new BitSet(Math.toIntExact(total)); // one bit per page, as long as it is recorded
  }

  /** Base pages of all regions. */
  long total() {
    return total;
  }

  /** The number of a base page. */
  long of(MemoryRegion region, long page) {
    return firstOfRegion[region.id()] + page;
  }

  /** The page of the backing that contains a base page was requested. */
  void request(MemoryRegion region, long page) {
    int first = (int) of(region, firstInBacking(region, page));
    requested.set(first, first + region.basePagesPerPage());
  }

  /** How many pages of a run were requested. */
  long requested(MemoryRegion region, long firstPage, long count) {
    int first = (int) of(region, firstPage);
    long found = 0;
    for (int page = first; page < first + count; page++) {
      found += requested.get(page) ? 1 : 0;
    }
    return found;
  }

  private static long firstInBacking(MemoryRegion region, long page) {
    return page / region.basePagesPerPage() * region.basePagesPerPage();
  }
}
