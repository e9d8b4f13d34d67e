package io.faultline.source;

import io.faultline.memory.PageBitmap;

/**
 * What was written last before the switchover: the last generation of all regions, then those
 * before it. Goes through each once. Belongs to the bulk loop.
 */
final class HotScan {
  /** Units of a run, at most: as many as the background sends at once, of base pages. */
  private static final long MOST = 64;

  private final OutgoingRegions regions;
  private int generation;
  private int region;
  private long cursor;

  HotScan(OutgoingRegions regions) {
    this.regions = regions;
  }

  /** Goes to the next hot unit that is not sent; false where there is none. */
  boolean next(ScanOrder.Run run) {
    while (generation < OutgoingRegion.GENERATIONS) {
      OutgoingRegion of = regions.get(region);
      PageBitmap hot = of.hot(generation);
      if (moveToUnsent(hot, of.sent())) {
        run.set(region, cursor, hot.nextClear(cursor, Math.min(hot.pageCount(), cursor + MOST)));
        return true;
      }
      cursor = 0;
      region++;
      if (region == regions.count()) {
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
