package io.faultline.source.scan;

import io.faultline.memory.PageBitmap;
import java.util.List;
import java.util.function.Function;

/** The unsent units of a set, region after region: one pass. Confined to the bulk loop. */
final class SetScan {
  /** The longest run, in units: what the background scan sends in one frame, for base pages. */
  private static final long MAX_RUN = 64;

  private final List<? extends ScanRegion> regions;
  private final Function<ScanRegion, PageBitmap> set;
  private int region;
  private long cursor;

  /**
   * @param set the units of a region that are in the set
   */
  SetScan(List<? extends ScanRegion> regions, Function<ScanRegion, PageBitmap> set) {
    this.regions = regions;
    this.set = set;
  }

  /** Moves to the next unit of the set that is unsent; false if there is none. */
  boolean next(ScanOrder.Run run) {
    while (region < regions.size()) {
      PageBitmap units = set.apply(regions.get(region));
      if (moveToUnsent(units, regions.get(region).sent())) {
        long limit = Math.min(units.pageCount(), cursor + MAX_RUN);
        run.set(region, cursor, units.nextClear(cursor, limit));
        return true;
      }
      cursor = 0;
      region++;
    }
    return false;
  }

  private boolean moveToUnsent(PageBitmap units, PageBitmap sent) {
    cursor = units.nextSet(cursor);
    while (cursor < units.pageCount()) {
      long unsent = sent.nextClear(cursor);
      if (unsent == cursor) {
        return true;
      }
      cursor = units.nextSet(unsent);
    }
    return false;
  }
}
