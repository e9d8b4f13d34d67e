package io.faultline.source.scan;

import io.faultline.memory.PageBitmap;
import java.util.List;

/**
 * The units written last before the switchover: the most recent generation of all regions, then the
 * older ones. One pass through each. Confined to the bulk loop.
 */
final class HotScan {
  /** The longest run, in units: what the background scan sends in one frame, for base pages. */
  private static final long MAX_RUN = 64;

  private final List<? extends ScanRegion> regions;
  private int generation;
  private int region;
  private long cursor;

  HotScan(List<? extends ScanRegion> regions) {
    this.regions = regions;
  }

  /** Moves to the next hot unit that is unsent; false if there is none. */
  boolean next(ScanOrder.Run run) {
    while (generation < ScanRegion.HOT_GENERATIONS) {
      ScanRegion from = regions.get(region);
      PageBitmap hot = from.hot(generation);
      if (moveToUnsent(hot, from.sent())) {
        long limit = Math.min(hot.pageCount(), cursor + MAX_RUN);
        run.set(region, cursor, hot.nextClear(cursor, limit));
        return true;
      }
      cursor = 0;
      region++;
      if (region == regions.size()) {
        region = 0;
        generation++;
      }
    }
    return false;
  }

  private boolean moveToUnsent(PageBitmap hot, PageBitmap sent) {
    cursor = hot.nextSet(cursor);
    while (cursor < hot.pageCount()) {
      long unsent = sent.nextClear(cursor);
      if (unsent == cursor) {
        return true;
      }
      cursor = hot.nextSet(unsent);
    }
    return false;
  }
}
