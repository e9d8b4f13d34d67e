package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.uffd.Advice;
import java.io.IOException;

/** Drops pages, with or without what the store has. Thread-safe. */
final class Discarder {
  /** The number of pages that are owned at once. */
  private static final int CHUNK = 256;

  private final PagerContext pager;
  private final Placement placement;

  Discarder(PagerContext pager, Placement placement) {
    this.pager = pager;
    this.placement = placement;
  }

  /**
   * Makes pages read as zeros, in memory and in the store.
   *
   * @throws IllegalStateException if a page is pinned; those before it are discarded
   * @throws IOException if the store fails; its pages have lost what was not in the store
   */
  void discard(Region region, long first, long end) throws IOException {
    for (long page = first; page < end; ) {
      int count = own(region, page, (int) Math.min(end - page, CHUNK));
      if (count == 0) {
        throw new IllegalStateException("page " + page + " of " + region + " is pinned");
      }
      try {
        region.store.discard(region.offset(page), region.bytes(page, count));
      } finally {
        for (int i = 0; i < count; i++) {
          region.states.setAbsent(page + i, 0);
        }
        placement.wake(region, page, count);
      }
      page += count;
    }
  }

  /** Takes pages and drops them from memory; stops before one that is pinned. */
  private int own(Region region, long first, int count) {
    int owned = 0;
    while (owned < count && own(region, first + owned)) {
      owned++;
    }
    return owned;
  }

  private boolean own(Region region, long page) {
    for (int round = 0; ; round++) {
      int state = region.states.state(page);
      switch (state) {
        case PageState.ABSENT -> {
          if (region.states.take(page) >= 0) {
            return true;
          }
        }
        case PageState.CLEAN, PageState.DIRTY, PageState.POISONED -> {
          if (region.states.changeUnpinned(page, state, PageState.FILLING)) {
            if (!region.isClosing()) { // else its memory is about to be unmapped
              pager.kernel().advise(region.address(page), pager.pageBytes(), Advice.DONT_NEED);
            }
            pager.frames().release(state == PageState.POISONED ? 0 : 1);
            return true;
          }
          if (region.states.pins(page) > 0) {
            return false;
          }
        }
        case PageState.STAGED -> {
          if (region.states.change(page, PageState.STAGED, PageState.FILLING)) {
            // the writer frees the frame when it comes to the slot
            pager.staging().clear(pager.staging().find(region.index, page));
            return true;
          }
        }
        case PageState.AHEAD -> {
          if (region.states.change(page, PageState.AHEAD, PageState.FILLING)) {
            pager.reads().cancel(pager.reads().take(region.index, page));
            pager.frames().release(1);
            return true;
          }
        }
        default -> {} // another thread will be done with it
      }
      pager.pause().round(round);
    }
  }

  /**
   * Takes all pages out of the hands of other threads, before the region is unmapped.
   *
   * @throws IllegalStateException if a page is pinned
   */
  void ownAll(Region region) {
    for (long page = 0; page < region.pages; page++) {
      if (!own(region, page)) {
        throw new IllegalStateException("page " + page + " of " + region + " is pinned");
      }
    }
  }

  /** Drops the pages that equal the store, unless they are pinned. */
  void dropClean(Region region, long first, long end) {
    for (long page = first; page < end; page++) {
      if (region.states.changeUnpinned(page, PageState.CLEAN, PageState.CHANGING)) {
        pager.kernel().advise(region.address(page), pager.pageBytes(), Advice.DONT_NEED);
        region.states.setAbsent(page, 0);
        pager.frames().release(1);
      }
    }
  }

  /** Lets poisoned pages be read again. */
  void clearErrors(Region region) {
    for (long page = 0; page < region.pages; page++) {
      if (region.states.changeUnpinned(page, PageState.POISONED, PageState.CHANGING)) {
        pager.kernel().advise(region.address(page), pager.pageBytes(), Advice.DONT_NEED);
        region.states.setAbsent(page, 0);
      }
    }
  }
}
