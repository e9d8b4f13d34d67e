package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The pages that one connection is writing now: claimed, but not completely written yet. At most
 * one run at a time, in one word:
 *
 * <pre>
 *   63                              24 23           0
 *  +----------------------------------+-------------+
 *  | number of the guest's first page | base pages  |   0: none
 *  +----------------------------------+-------------+
 * </pre>
 *
 * <p>Its owner opens it before claiming and closes it after writing. A thread that sees a claimed
 * page therefore sees that it is in flight, or the page is completely written.
 *
 * <p>Thread-safe: the connection's loop writes it, any thread reads it.
 */
final class InFlightRun {
  /** The most pages of a run. */
  static final int MAX_PAGES = (1 << 24) - 1;

  private static final int SHIFT = 24;

  private final AtomicLong run = new AtomicLong();

  /** Owner only: marks pages as in flight. */
  void open(MemoryRegion region, long firstPage, long pages) {
    if (pages < 1 || pages > MAX_PAGES) {
      throw new IllegalArgumentException("a run of " + pages + " pages in flight");
    }
    run.set((number(region, firstPage) << SHIFT) | pages);
  }

  /** Owner only: no page is in flight. */
  void close() {
    run.set(0);
  }

  /** Whether a page from {@code first} up to, but not including, {@code end} is in flight. */
  boolean touches(MemoryRegion region, long first, long end) {
    long now = run.get();
    long start = now >>> SHIFT;
    long from = number(region, first);
    return start < from + (end - first) && from < start + (now & MAX_PAGES);
  }

  /** Guest mappings do not overlap, so an address identifies the region too. */
  private static long number(MemoryRegion region, long page) {
    return region.guest().address() / region.basePageBytes() + page;
  }
}
