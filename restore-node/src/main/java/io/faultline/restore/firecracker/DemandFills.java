package io.faultline.restore.firecracker;

import io.faultline.memory.PageBitmap;
import io.faultline.restore.firecracker.PageFills.Fill;

/**
 * Resolves faults: one page of the file for each; several pages of zeros, since a guest that uses
 * memory again which it had given back faults on each page in turn.
 *
 * <p>Confined to the VM's thread.
 */
final class DemandFills {
  /** As many pages as the kernel maps around a fault on a file (fault_around_bytes). */
  private static final int LEAST_ZERO_PAGES = 16;

  /** A page table: 2 MiB. */
  private static final int MOST_ZERO_PAGES = 512;

  private final GuestRegions regions;
  private final ZeroedPages zeroed;
  private final PageFills fills;
  private final PageBitmap placed;
  private final VmCounters counters;
  private final NeededPages needed;
  private long zeroEnd;
  private int zeroPages = LEAST_ZERO_PAGES;
  private long next;
  private boolean gone;

  DemandFills(
      GuestRegions regions,
      ZeroedPages zeroed,
      PageFills fills,
      PageBitmap placed,
      VmCounters counters,
      NeededPages needed) {
    this.regions = regions;
    this.zeroed = zeroed;
    this.fills = fills;
    this.placed = placed;
    this.counters = counters;
    this.needed = needed;
  }

  /** Whether the process was found to have exited. */
  boolean isGone() {
    return gone;
  }

  /** The page of the file after that of the last fault that got one. */
  long next() {
    return next;
  }

  /**
   * Tries to resolve a fault.
   *
   * @return whether it is resolved
   * @throws IllegalStateException if it is not in the guest's memory: nothing can resolve it
   */
  boolean resolve(long address) {
    GuestRegion region = regions.find(address);
    if (region == null) {
      throw new IllegalStateException(
          "a fault at 0x" + Long.toHexString(address) + ", outside of the regions");
    }
    long start = region.pageOf(address);
    long page = region.filePage(start);
    long pages = region.pageBytes() / MemoryFile.PAGE_BYTES;
    boolean isZero = zeroed.containsAll(page, page + pages);
    Fill fill = isZero ? zero(region, start, page) : fills.copy(region, start, region.pageBytes());
    if (fill == Fill.DONE && !isZero) {
      counters.filePages++;
      placed.set(page, page + pages);
      needed.faulted(page, page + pages);
      next = page + pages;
    } else if (fill == Fill.LATER) {
      counters.retries++;
    } else if (fill == Fill.GONE) {
      gone = true;
    }
    return fill != Fill.LATER;
  }

  private Fill zero(GuestRegion region, long start, long page) {
    if (region.isHuge()) {
      counters.zeroPages++;
      return fills.zero(region, start, region.pageBytes());
    }
    zeroPages = page == zeroEnd ? Math.min(MOST_ZERO_PAGES, 2 * zeroPages) : LEAST_ZERO_PAGES;
    long limit = Math.min(region.endFilePage(), page + zeroPages);
    long bytes = (zeroed.nextNotIn(page, limit) - page) * MemoryFile.PAGE_BYTES;
    Fill fill = fills.zero(region, start, bytes);
    if (fill == Fill.UNMAPPED && bytes > region.pageBytes()) { // a mapping ends in between
      fill = fills.zero(region, start, region.pageBytes());
    }
    long done = fills.filledBytes() / MemoryFile.PAGE_BYTES;
    counters.zeroPages += done;
    zeroEnd = page + done;
    return fill;
  }
}
