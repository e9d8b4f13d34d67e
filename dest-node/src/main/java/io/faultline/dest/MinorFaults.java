package io.faultline.dest;

import io.faultline.memory.MemoryRegion;

/** Resolves minor faults on pages that are known to be current. Confined to the control loop. */
final class MinorFaults {
  private final CurrentPages pages;
  private final PagePlacer placer;

  MinorFaults(CurrentPages pages, PagePlacer placer) {
    this.pages = pages;
    this.placer = placer;
  }

  /** Maps the page of the backing that contains a base page; false if a part of it may be stale. */
  boolean resolve(MemoryRegion region, long page) {
    int grain = region.basePagesPerPage();
    long first = page / grain * grain;
    if (!pages.areWhole(region, first, first + grain)) {
      return false;
    }
    placer.map(region, first * region.basePageBytes(), region.pageBytes());
    return true;
  }
}
