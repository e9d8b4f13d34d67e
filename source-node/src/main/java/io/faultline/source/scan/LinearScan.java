package io.faultline.source.scan;

import io.faultline.memory.PageBitmap;
import java.util.List;

/**
 * All unsent units in the order of their addresses, round and round through all regions, until none
 * is left. Confined to the bulk loop.
 */
final class LinearScan {
  private final List<? extends ScanRegion> regions;
  private int region;
  private long cursor;

  LinearScan(List<? extends ScanRegion> regions) {
    this.regions = regions;
  }

  /** Moves to the next unsent unit; false if all are sent. */
  boolean next(ScanOrder.Run run) {
    for (int tried = 0; tried <= regions.size(); tried++) {
      PageBitmap sent = regions.get(region).sent();
      cursor = sent.nextClear(cursor);
      if (cursor < sent.pageCount()) {
        run.set(region, cursor, sent.pageCount());
        return true;
      }
      region = (region + 1) % regions.size();
      cursor = 0;
    }
    return false;
  }
}
