package io.faultline.paging;

import io.faultline.paging.table.PageState;
import java.util.concurrent.locks.LockSupport;

/** Makes stores to a region that is not writable memory errors. */
final class RefusedStores {
  private final PagerContext pager;
  private final Placement placement;

  RefusedStores(PagerContext pager, Placement placement) {
    this.pager = pager;
    this.placement = placement;
  }

  /** Poisons a page that a thread has stored to. While it is pinned, the thread sleeps. */
  void refuse(Region region, long page, Lane lane) {
    if (region.states.changeUnpinned(page, PageState.CLEAN, PageState.CHANGING)) {
      poison(region, page, lane);
      return;
    }
    region.setStoresWait();
    boolean isPinned = region.states.state(page) == PageState.CLEAN && region.states.pins(page) > 0;
    if (!isPinned) {
      pager.pause().round(Integer.MAX_VALUE);
      placement.wake(region, page, 1); // it faults again
    }
  }

  private void poison(Region region, long page, Lane lane) {
    region.backing.drop(region, page, 1);
    boolean poisoned = placement.poisonAbsent(region, page, lane);
    region.states.settle(page, PageState.POISONED);
    pager.frames().release(region.share, 1);
    String message = "page " + page + " of " + region + " was stored to, but is read-only";
    pager.report(region, PagingError.Kind.WRITE, page, 1, message);
    if (!poisoned) { // the thread is awake, and faults again at once
      LockSupport.parkNanos(this, FaultService.RETRY_NANOS);
    }
  }
}
