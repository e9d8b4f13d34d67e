package io.faultline.source;

import io.faultline.memory.PageBitmap;

/**
 * All that is left, as it lies in memory; what a claim lost is found on the way round. Belongs to
 * the bulk loop.
 */
final class LinearScan {
  private final OutgoingRegions regions;
  private int region;
  private long cursor;

  LinearScan(OutgoingRegions regions) {
    this.regions = regions;
  }

  /** Goes to the next unit that is not sent, round through all regions; false where all is sent. */
  boolean next(ScanOrder.Run run) {
    for (int tried = 0; tried <= regions.count(); tried++) {
      PageBitmap sent = regions.get(region).sent();
      cursor = sent.nextClear(cursor);
      if (cursor < sent.pageCount()) {
        run.set(region, cursor, sent.pageCount());
        return true;
      }
      region = (region + 1) % regions.count();
      cursor = 0;
    }
    return false;
  }
}
