package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.StreamTable;
import io.faultline.uffd.ProtectMode;

/**
 * Makes clean pages writable at their first store, in runs that grow while the stores are
 * sequential, or {@link WriteDensity dense}. A page of a run that is not written after all is
 * written to the store needlessly.
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
    WriteRun run = lane.writeRun;
    take(run, region, page, from, plan);
    boolean writable =
        placement.protect(region, run.first(), run.count(), ProtectMode.UNPROTECT, lane);
    if (writable) {
      run.settleWritable(region.states);
      pager.writes().filled(StreamTable.entry(plan), region.index, run.first(), run.count());
    } else {
      run.settleUnchanged(region.states, from);
    }
    return writable;
  }

  private static void take(WriteRun run, Region region, long page, int from, long plan) {
    int direction = StreamTable.direction(plan);
    int window = direction == 0 ? 0 : StreamTable.window(plan) - 1;
    // a log reports what was stored to: an order of pages is better evidence of that than density
    int reach = from == PageState.CLEAN ? WriteDensity.reach(region.states, page) : 0;
    boolean through = reach > 0;
    run.begin(page);
    run.take(region.states, from, -1, Math.max(direction < 0 ? window : 0, reach), through);
    run.take(region.states, from, 1, Math.max(direction > 0 ? window : 0, reach), through);
  }
}
