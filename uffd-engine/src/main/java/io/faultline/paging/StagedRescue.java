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
   * Brings a page back that is not yet being written. It needs no frame: it keeps its own.
   *
   * @return false if the page has changed its state, or the kernel refuses now: look again
   */
  boolean moveBack(Region region, long page, Lane lane) {
    if (!region.states.change(page, PageState.STAGED, PageState.FILLING)) {
      return false;
    }
    int slot = pager.staging().find(region.index, page);
    int errno = region.backing.moveBack(region, page, slot, lane);
    if (errno != 0) {
      giveUp(region, page, PageState.STAGED, errno);
      return false;
    }
    finish(region, page);
    return true;
  }

  /**
   * Copies a page back that is being written. The write goes on, with contents that are out of date
   * once the page changes: it is dirty again, and a later write follows in the ring.
   *
   * @return false if the page has changed its state, there is no frame, or the kernel has no memory
   *     now: look again
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
    if (placement.copy(region, page, 1, source, true, lane) == 0) {
      giveUp(region, page, PageState.WRITING, Errno.ENOMEM);
      pager.frames().release(1);
      return false;
    }
    pager.staging().clear(slot);
    finish(region, page);
    return true;
  }

  /**
   * Leaves a page where its contents are, in its slot. {@link StagedWriter} brings it to the store,
   * and an access that waits for it tries again here or reads it from there.
   */
  private void giveUp(Region region, long page, int state, int errno) {
    region.states.settle(page, state);
    placement.wake(region, page, 1);
    if (errno == Errno.EBUSY) {
      pager.count(Counter.BUSY, 1);
    } else if (region.lost() == null && errno == Errno.ENOMEM) { // a second has passed
      pager.report(
          region,
          PagingError.Kind.MEMORY,
          page,
          1,
          "page " + page + " of " + region + " waits, since the kernel has no memory for it");
    }
  }

  /** The slot is clear by now, so that it is never confused with a later one of the page. */
  private void finish(Region region, long page) {
    pager.count(Counter.RESCUED, 1);
    region.states.settle(page, PageState.DIRTY);
    pager.enqueue(region, page, 1, true);
  }
}
