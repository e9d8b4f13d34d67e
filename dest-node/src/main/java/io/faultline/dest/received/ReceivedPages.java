package io.faultline.dest.received;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Pagemap;

/**
 * Which base pages have been received. Valid only while no page is being placed; the pages of a
 * region must be asked for in ascending order.
 */
public interface ReceivedPages {
  /** With placement copy: the pages in the kernel's page table. Use by one thread only. */
  static ReceivedPages inPageTable(Pagemap pagemap) {
    return new PresentPages(pagemap);
  }

  /** The first received page at or after {@code page}; the page count if there is none. */
  long nextReceived(MemoryRegion region, long page);

  /** The first missing page at or after {@code page}; the page count if there is none. */
  long nextMissing(MemoryRegion region, long page);

  /** Calls {@code run} for each run of missing pages. */
  default void forEachMissing(MemoryRegion region, Run run) {
    long first = nextMissing(region, 0);
    while (first < region.basePageCount()) {
      long end = nextReceived(region, first);
      run.of(first, end);
      first = nextMissing(region, end);
    }
  }

  /** Takes a run of base pages. */
  interface Run {
    /** From {@code first} up to, but not including, {@code end}. */
    void of(long first, long end);
  }
}
