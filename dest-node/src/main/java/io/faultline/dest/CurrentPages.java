package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One bit for each base page of memory with placement continue, from the moment that the guest runs
 * here: whether its contents are current, or being made so. There the kernel cannot refuse a late
 * write, since it goes through the transfer mapping: so the bit is claimed first, then the page is
 * written, then CONTINUE lets the guest in. Who does not get the bit must not write.
 *
 * <p>Thread-safe.
 */
final class CurrentPages {
  private final PageBitmap[] current;
  private final List<InFlightRun> windows = new CopyOnWriteArrayList<>();

  CurrentPages(List<MemoryRegion> regions) {
    current =
        regions.stream()
            .map(region -> new PageBitmap(region.basePageCount()))
            .toArray(PageBitmap[]::new);
  }

  /** The bits of a region. */
  PageBitmap of(MemoryRegion region) {
    return current[region.id()];
  }

  /** A copy of the bits, indexed by region. No page may be placed meanwhile. */
  PageBitmap[] copy() {
    PageBitmap[] copy = new PageBitmap[current.length];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = new PageBitmap(current[i].pageCount());
      copy[i].or(current[i]);
    }
    return copy;
  }

  /** The window of a connection, before the first page comes on it. */
  InFlightRun newWindow() {
    InFlightRun window = new InFlightRun();
    windows.add(window);
    return window;
  }

  /** Whether all pages of a run are current and whole: the guest may see them. */
  boolean areWhole(MemoryRegion region, long first, long end) {
    // Bits before windows: see there. And behind them, for what was given up in between.
    return of(region).isFull(first, end)
        && !areBeingWritten(region, first, end)
        && of(region).isFull(first, end);
  }

  private boolean areBeingWritten(MemoryRegion region, long first, long end) {
    for (int i = 0; i < windows.size(); i++) { // an iterator would be an object for each page
      if (windows.get(i).touches(region, first, end)) {
        return true;
      }
    }
    return false;
  }
}
