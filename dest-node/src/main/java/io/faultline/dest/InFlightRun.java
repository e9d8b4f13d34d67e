package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The pages that one connection brings right now: claimed, but not whole yet. At most one run at a
 * time, in one word:
 *
 * <pre>
 *   63                              24 23           0
 *  +----------------------------------+-------------+
 *  | number of the guest's first page | base pages  |   0: none
 *  +----------------------------------+-------------+
 * </pre>
 *
 * <p>Its owner opens it before it claims, and closes it when all is written, so that whoever sees a
 * claimed page sees the window too, or a page that is whole.
 */
final class InFlightRun {
  /** The most pages of a window. */
  static final int MAX_PAGES = (1 << 24) - 1;

  private static final int SHIFT = 24;

  private final AtomicLong window = new AtomicLong();

  /** The owner's: so many pages from a page of a region on. */
  void open(MemoryRegion region, long firstPage, long pages) {
    if (pages < 1 || pages > MAX_PAGES) {
      throw new IllegalArgumentException("a window of " + pages + " pages");
    }
    window.set((number(region, firstPage) << SHIFT) | pages);
  }

  /** The owner's: all is written. */
  void close() {
    window.set(0);
  }

  /** Whether it holds one of the pages of a region from {@code first} to before {@code end}. */
  boolean touches(MemoryRegion region, long first, long end) {
    long now = window.get();
    long start = now >>> SHIFT;
    long from = number(region, first);
    return start < from + (end - first) && from < start + (now & MAX_PAGES);
  }

  /** Guest mappings do not overlap, so that an address names the region too. */
  private static long number(MemoryRegion region, long page) {
    return region.guest().address() / region.basePageBytes() + page;
  }
}
