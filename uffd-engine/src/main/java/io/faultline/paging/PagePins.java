package io.faultline.paging;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Pages of a region that stay in memory until they are unpinned. They count against the pins of the
 * pager ({@link PinBudget}), and all of a region must fit into half of what it may have in memory,
 * so that there is always room for its other pages. Thread-safe.
 */
final class PagePins {
  private final PagerCore core;
  private final Region region;
  private final long most;
  private final AtomicLong held = new AtomicLong();

  PagePins(PagerCore core, Region region) {
    this.core = core;
    this.region = region;
    this.most = Math.max(1, region.share.budget().total() / 2);
  }

  /**
   * Reads pages into memory, and keeps them there.
   *
   * @throws PagingException if a limit is reached, or the store fails; nothing is pinned then
   */
  void pin(long first, long end) {
    Lane lane = core.lanes.take();
    try {
      for (long page = first; page < end; page++) {
        try {
          pin(page, lane);
        } catch (RuntimeException e) {
          giveUp(first, page, e);
          throw e;
        }
      }
    } finally {
      core.lanes.give(lane);
    }
  }

  private void pin(long page, Lane lane) {
    take();
    try {
      while (!region.states.pin(page, false)) {
        if (region.states.isFull(page)) {
          throw new PagingException("page " + page + " of " + region + " has too many pins");
        }
        core.service.ensure(region, page, false, lane);
      }
    } catch (RuntimeException e) {
      give();
      throw e;
    }
  }

  private void take() {
    if (held.incrementAndGet() > most) {
      held.decrementAndGet();
      throw new PagingException(
          "cannot pin more than "
              + most
              + " pages of "
              + region
              + ", half of what it may have in"
              + " memory: unpin some, or give it more");
    }
    if (!core.pins.take()) {
      held.decrementAndGet();
      throw new PagingException(
          "cannot pin more than "
              + core.pins.total()
              + " pages, half of the buffer: unpin some, or enlarge it");
    }
  }

  private void give() {
    held.decrementAndGet();
    core.pins.give();
  }

  private void giveUp(long first, long end, RuntimeException cause) {
    for (long page = first; page < end; page++) {
      try {
        region.unpin(page);
        give();
      } catch (IllegalStateException e) {
        cause.addSuppressed(e);
      }
    }
  }

  /**
   * Ends pins.
   *
   * @throws IllegalStateException if a page has none: those before it are unpinned
   */
  void unpin(long first, long end) {
    for (long page = first; page < end; page++) {
      region.unpin(page);
      give();
    }
  }

  /** Ends all pins, before the region is closed. Nothing else may pin its pages meanwhile. */
  void releaseAll() {
    for (long page = 0; page < region.pages && held.get() > 0; page++) {
      while (region.states.pins(page) > 0) {
        region.unpin(page);
        give();
      }
    }
    while (held.get() > 0) { // of pages that their process has dropped meanwhile
      give();
    }
  }
}
