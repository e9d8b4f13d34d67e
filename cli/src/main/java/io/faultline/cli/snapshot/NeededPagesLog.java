package io.faultline.cli.snapshot;

import io.faultline.dest.NeededPages;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.List;

/**
 * Notes which pages a VM needs. Written by the destination's control loop; read it when the
 * destination has ended.
 */
final class NeededPagesLog implements NeededPages {
  private volatile boolean withSentAlong;
  private volatile List<PageBitmap> regions = List.of();

  @Override
  public void begin(List<MemoryRegion> memory) {
    regions = memory.stream().map(each -> new PageBitmap(each.basePageCount())).toList();
  }

  @Override
  public void requested(int region, long firstPage, long count) {
    regions.get(region).set(firstPage, firstPage + count);
  }

  @Override
  public void sentAlong(int region, long firstPage, long count) {
    if (withSentAlong) {
      regions.get(region).set(firstPage, firstPage + count);
    }
  }

  /** From now on pages count that the source sends with requested ones: it is careful with them. */
  void countSentAlong() {
    withSentAlong = true;
  }

  /** The pages of each region; no region if there was no memory. */
  List<PageBitmap> pages() {
    return regions;
  }
}
