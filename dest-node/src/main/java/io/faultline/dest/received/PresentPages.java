package io.faultline.dest.received;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;

/**
 * With placement copy: the pages of the guest mapping that the kernel's page table contains. Only a
 * placement puts a page there, since userfaultfd intercepts every missing fault. A page of shared
 * memory that the kernel removed from the page table to reclaim memory counts as missing: it is
 * sent again, found present, and left as it is. Confined to one thread.
 */
final class PresentPages implements ReceivedPages {
  private static final int BATCH = 1024;

  private final Pagemap pagemap;
  private final PageRegions found = new PageRegions(BATCH);

  /** The last run that was found, in base pages of {@link #region}. */
  private long first;

  private long end;
  private long scannedTo;
  private int next;
  private int count;
  private int region = -1;

  PresentPages(Pagemap pagemap) {
    this.pagemap = pagemap;
  }

  @Override
  public long nextReceived(MemoryRegion of, long page) {
    moveTo(of, page);
    return Math.max(page, first);
  }

  @Override
  public long nextMissing(MemoryRegion of, long page) {
    long missing = page;
    moveTo(of, missing);
    while (missing < of.basePageCount() && first <= missing) {
      missing = end;
      moveTo(of, missing);
    }
    return missing;
  }

  /** Moves to the first run that ends after a page; without one, to the end of the region. */
  private void moveTo(MemoryRegion of, long page) {
    if (region != of.id()) {
      region = of.id();
      scannedTo = 0;
      next = 0;
      count = 0;
      first = 0;
      end = 0;
    }
    while (end <= page && first < of.basePageCount()) {
      if (next < count) {
        first = page(of, found.start(next));
        end = page(of, found.end(next));
        next++;
      } else if (scannedTo < of.sizeBytes()) {
        scan(of);
      } else {
        first = of.basePageCount();
        end = first;
      }
    }
  }

  private void scan(MemoryRegion of) {
    long base = of.guest().address();
    long to = base + of.sizeBytes();
    count = pagemap.scan(base + scannedTo, to, PagemapQuery.PRESENT_OR_SWAPPED, found);
    next = 0;
    // A full buffer ends the scan early.
    scannedTo = count < found.capacity() ? of.sizeBytes() : found.end(count - 1) - base;
  }

  private static long page(MemoryRegion of, long address) {
    return (address - of.guest().address()) / of.basePageBytes();
  }
}
