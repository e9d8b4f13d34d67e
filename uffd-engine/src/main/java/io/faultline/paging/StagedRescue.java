package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.uffd.Errno;

/** Brings pages back that have left their region and are not in the store yet. */
final class StagedRescue {
  private final PagerContext pager;
  private final Placement placement;

  StagedRescue(PagerContext pager, Placement placement) {
    this.pager = pager;
    this.placement = placement;
  }

  /**
   * Moves a page back that is not yet being written. It needs no frame: it keeps its own.
   *
   * @return false if the page has changed its state, or the kernel still uses it: look again
   */
  boolean moveBack(Region region, long page, Lane lane) {
    if (!region.states.change(page, PageState.STAGED, PageState.FILLING)) {
      return false;
    }
    int slot = pager.staging().find(region.index, page);
    int errno = placement.moveBack(region, page, slot, lane);
    if (errno == Errno.EBUSY) {
      region.states.settle(page, PageState.STAGED);
      placement.wake(region, page, 1);
      return false;
    }
    pager.staging().clearHole(slot);
    finish(region, page);
    return true;
  }

  /**
   * Copies a page back that is being written. The write goes on, with contents that are out of date
   * once the page changes: it is dirty again, and a later write follows in the ring.
   *
   * @return false if the page has changed its state, or there is no frame: look again
   */
  boolean copyBack(Region region, long page, Lane lane) {
    if (!pager.frames().reserve()) {
      return false;
    }
    if (!region.states.change(page, PageState.WRITING, PageState.FILLING)) {
      pager.frames().release(1);
      return false;
    }
    int slot = pager.staging().find(region.index, page);
    long source = pager.staged().address() + pager.bytes(slot);
    placement.copy(region, page, 1, source, true, lane);
    pager.staging().clear(slot);
    finish(region, page);
    return true;
  }

  /** The slot is clear by now, so that it is never confused with a later one of the page. */
  private void finish(Region region, long page) {
    pager.count(Counter.RESCUED, 1);
    region.states.settle(page, PageState.DIRTY);
    pager.enqueue(region, page, 1, true);
  }
}
