package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.StreamTable;
import io.faultline.uffd.ProtectMode;

/**
 * Makes clean pages writable at their first store, in runs that grow while the stores are
 * sequential. A page of a run that is not written after all is written to the store needlessly.
 */
final class WriteFaults {
  /** The longest run. */
  static final int MAX_RUN = 256;

  private final PagerContext pager;
  private final Placement placement;

  WriteFaults(PagerContext pager, Placement placement) {
    this.pager = pager;
    this.placement = placement;
  }

  /**
   * Makes a page writable that is CLEAN, LOGGED or FLUSHING, and wakes its waiters.
   *
   * @return false if it has another state, or the kernel refuses now: look again
   */
  boolean makeWritable(Region region, long page, Lane lane) {
    if (region.states.change(page, PageState.FLUSHING, PageState.CHANGING)) {
      boolean writable = placement.protect(region, page, 1, ProtectMode.UNPROTECT, lane);
      region.states.settle(page, writable ? PageState.FLUSHING_DIRTY : PageState.FLUSHING);
      return writable;
    }
    return makeWritable(region, page, PageState.CLEAN, lane)
        || makeWritable(region, page, PageState.LOGGED, lane);
  }

  private boolean makeWritable(Region region, long page, int from, Lane lane) {
    if (!region.states.change(page, from, PageState.CHANGING)) {
      return false;
    }
    long plan = pager.writes().plan(region.index, page);
    int direction = StreamTable.direction(plan);
    int more =
        direction == 0 ? 0 : take(region, page, from, direction, StreamTable.window(plan) - 1);
    long first = direction < 0 ? page - more : page;
    boolean writable = placement.protect(region, first, more + 1, ProtectMode.UNPROTECT, lane);
    for (int i = 0; i <= more; i++) {
      region.states.settle(first + i, writable ? PageState.DIRTY : from);
    }
    if (writable) {
      pager.writes().filled(StreamTable.entry(plan), region.index, first, more + 1);
    }
    return writable;
  }

  private static int take(Region region, long page, int from, int direction, int wanted) {
    int taken = 0;
    while (taken < wanted) {
      long next = page + (long) direction * (taken + 1);
      boolean inside = next >= 0 && next < region.pages;
      if (!inside || !region.states.change(next, from, PageState.CHANGING)) {
        break;
      }
      taken++;
    }
    return taken;
  }
}
