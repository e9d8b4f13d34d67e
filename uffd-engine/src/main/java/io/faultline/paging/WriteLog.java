package io.faultline.paging;

import io.faultline.memory.PageBitmap;
import io.faultline.paging.table.PageState;
import io.faultline.uffd.ProtectMode;

/**
 * Logs which pages of a region are stored to. A page that is writable may be stored to at any time,
 * so {@link #collect} reports it, and write-protects it (LOGGED): its next store makes it DIRTY
 * again, and so is reported by the next one. A page that was writable and has left that state since
 * is marked when it leaves. So logging costs a fault nothing.
 *
 * <p>A page that is pinned for stores by Java code cannot be protected, and is reported every time.
 * Pages that became writable together with others, or came back from the staging ring, and were not
 * stored to, are reported too.
 *
 * <p>What {@link #collect} guarantees: the contents of a page that are read after it returned
 * include every store that no later one reports. Confined to one thread at a time, except {@link
 * #mark}.
 */
public final class WriteLog implements AutoCloseable {
  private final PagerContext pager;
  private final Region region;
  private final Placement placement;
  private final LanePool lanes;
  private final PageBitmap left;

  private WriteLog(PagerContext pager, Region region, Placement placement, LanePool lanes) {
    this.pager = pager;
    this.region = region;
    this.placement = placement;
    this.lanes = lanes;
    this.left = new PageBitmap(region.pages);
  }

  /**
   * Starts a log: it reports stores from now on.
   *
   * @throws IllegalStateException if the region has one
   */
  static WriteLog start(PagerContext pager, Region region, Placement placement, LanePool lanes) {
    WriteLog log = new WriteLog(pager, region, placement, lanes);
    if (!region.log.compareAndSet(null, log)) {
      throw new IllegalStateException(region + " has a write log already: close it first");
    }
    log.collect(new PageBitmap(region.pages));
    return log;
  }

  /** Marks pages that the caller owns, the contents of which may have changed. Any thread. */
  void mark(long first, long count) {
    left.set(first, first + count);
  }

  /** Adds the pages stored to since the start or the last call, while the application runs. */
  public void collect(PageBitmap into) {
    Lane lane = lanes.take();
    try {
      for (long page = 0; page < region.pages; ) {
        int count = protect(page, lane);
        if (count > 0) {
          into.set(page, page + count);
          page += count;
        } else {
          page += report(page, into, true) ? 1 : 0;
        }
      }
    } finally {
      lanes.give(lane);
    }
    left.takeInto(into); // after the states: a page is marked before it leaves
  }

  /**
   * As {@link #collect}, while no thread of the application runs: nothing is protected, which takes
   * longer than the rest, and the same pages are reported again the next time.
   */
  public void collectStopped(PageBitmap into) {
    for (long page = 0; page < region.pages; ) {
      page += report(page, into, false) ? 1 : 0;
    }
    left.takeInto(into);
  }

  /** Protects consecutive pages that are writable and not pinned; returns their number. */
  private int protect(long first, Lane lane) {
    int count = 0;
    while (count < pager.maxWindow()
        && first + count < region.pages
        && region.states.changeUnpinned(first + count, PageState.DIRTY, PageState.CHANGING)) {
      count++;
    }
    if (count > 0) {
      boolean done = placement.protect(region, first, count, ProtectMode.PROTECT, lane);
      for (int i = 0; i < count; i++) {
        region.states.settle(first + i, done ? PageState.LOGGED : PageState.DIRTY);
      }
    }
    return count;
  }

  /**
   * Reports a page if it is writable. Not before it is settled: it may be there, and have been
   * stored to, before the thread that fills it says so.
   *
   * @return false if it is about to change, and must be looked at again
   */
  private boolean report(long page, PageBitmap into, boolean protects) {
    int state = region.states.state(page);
    if (state == PageState.CHANGING || PageState.isFilling(state)) {
      pager.pause().round(1);
      return false;
    }
    if (protects && state == PageState.DIRTY && region.states.pins(page) == 0) {
      return false; // it was not settled when it should be protected
    }
    if (PageState.isWritable(state)) {
      into.set(page, page + 1);
    }
    return true;
  }

  /** Ends the log. Pages that it has protected take one more fault each. */
  @Override
  public void close() {
    region.log.compareAndSet(this, null);
  }
}
