package io.faultline.restore.firecracker;

import io.faultline.memory.PageBitmap;
import io.faultline.restore.firecracker.PageFills.Fill;

/**
 * Fills what no fault has asked for: first what earlier VMs have needed, then the rest, onward from
 * the last fault. Confined to the VM's thread.
 */
final class BackgroundFill {
  /** 256 KiB, some 40 microseconds: the longest that a fault waits for it. */
  private static final long STEP_PAGES = 64;

  private final GuestRegions regions;
  private final ZeroedPages zeroed;
  private final PageFills fills;
  private final PageBitmap placed;
  private final VmCounters counters;
  private final PageBitmap expected;
  private final long pages;
  private long at;
  private long expectedAt;
  private boolean active;
  private boolean complete;

  /**
   * @param expected pages that earlier VMs have needed
   * @param isWanted false to leave all to faults
   */
  BackgroundFill(
      GuestRegions regions,
      ZeroedPages zeroed,
      PageFills fills,
      PageBitmap placed,
      VmCounters counters,
      PageBitmap expected,
      boolean isWanted) {
    this.regions = regions;
    this.zeroed = zeroed;
    this.fills = fills;
    this.placed = placed;
    this.counters = counters;
    this.expected = expected;
    pages = placed.pageCount();
    active = isWanted;
  }

  /** Whether there is something left to do. */
  boolean isActive() {
    return active;
  }

  /** Whether all pages are there that are not zeros. */
  boolean isComplete() {
    return complete;
  }

  /** Continues with this page. */
  void moveTo(long page) {
    at = page;
  }

  /** Fills some pages. */
  Fill step() {
    long page = nextExpected();
    boolean isExpected = page < pages;
    if (!isExpected) {
      page = nextMissing();
    }
    if (page >= pages) {
      complete = true;
      active = false;
      return Fill.DONE;
    }
    GuestRegion region = regions.ofFilePage(page);
    if (region == null) { // regions are packed: all pages have one
      throw new IllegalStateException("page " + page + " of the memory file is in no region");
    }
    long last = isExpected ? expected.nextClear(page, pages) : pages;
    return region.isHuge() ? huge(region, page) : small(region, page, last);
  }

  /** Whether pages are missing that earlier VMs have needed: so this one may fault on them soon. */
  boolean isUrgent() {
    return active && nextExpected() < pages;
  }

  /** A page that earlier VMs have needed, not there and not zero; the number of pages if none. */
  private long nextExpected() {
    while (expectedAt < pages) {
      expectedAt = expected.nextSet(expectedAt, pages);
      if (expectedAt >= pages || !(placed.get(expectedAt) || zeroed.contains(expectedAt))) {
        break;
      }
      expectedAt++;
    }
    return expectedAt;
  }

  /** A page that is not there and not zero; the number of pages if there is none. */
  private long nextMissing() {
    long found = nextMissing(at);
    return found < pages || at == 0 ? found : nextMissing(0);
  }

  private long nextMissing(long from) {
    long page = from;
    while (page < pages) {
      long clear = placed.nextClear(page, pages);
      page = zeroed.nextNotIn(clear, pages);
      if (page == clear) {
        return page;
      }
    }
    return pages;
  }

  private Fill small(GuestRegion region, long page, long last) {
    long limit = Math.min(Math.min(last, region.endFilePage()), page + STEP_PAGES);
    long end = zeroed.nextIn(page, placed.nextSet(page, limit));
    long bytes = (end - page) * MemoryFile.PAGE_BYTES;
    Fill fill = fills.copy(region, region.addressOf(page), bytes);
    return settle(fill, page, Math.max(1, fills.filledBytes() / MemoryFile.PAGE_BYTES));
  }

  /** A huge page of which a part is a hole is copied with it. */
  private Fill huge(GuestRegion region, long page) {
    long start = region.pageOf(region.addressOf(page));
    Fill fill = fills.copy(region, start, region.pageBytes());
    return settle(fill, region.filePage(start), region.pageBytes() / MemoryFile.PAGE_BYTES);
  }

  private Fill settle(Fill fill, long page, long count) {
    if (fill == Fill.DONE) {
      placed.set(page, page + count);
      counters.backgroundPages += fills.filledBytes() / MemoryFile.PAGE_BYTES;
      at = page + count;
    } else if (fill == Fill.UNMAPPED) {
      active = false; // what is mapped there later gets its pages on demand
    }
    return fill;
  }
}
