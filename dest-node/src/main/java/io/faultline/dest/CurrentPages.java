package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.List;

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
  private final WritingWindow urgent = new WritingWindow();
  private final WritingWindow bulk = new WritingWindow();

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

  /** The pages that are current now, while none comes. */
  ReceivedSnapshot snapshot() {
    PageBitmap[] copy = new PageBitmap[current.length];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = new PageBitmap(current[i].pageCount());
      copy[i].or(current[i]);
    }
    return new ReceivedSnapshot(copy);
  }

  /** What the control loop is writing. */
  WritingWindow urgent() {
    return urgent;
  }

  /** What the bulk loop is writing. */
  WritingWindow bulk() {
    return bulk;
  }

  /** Whether all pages of a run are current and whole: the guest may see them. */
  boolean areWhole(MemoryRegion region, long first, long end) {
    // Bits before windows: see there.
    return of(region).isFull(first, end)
        && !urgent.touches(region, first, end)
        && !bulk.touches(region, first, end);
  }
}
