package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;

/** Drops pages, with or without what the store has. Thread-safe. */
final class Discarder {
  /** The number of pages that are owned at once. */
  private static final int CHUNK = 256;

  private static final int PINNED = -1;

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
        region.noteChanged(page, count);
        pager.awaitOlderWrite(region, page, count);
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
    try {
      while (owned < count && own(region, first + owned)) {
        owned++;
      }
    } catch (PagingException e) {
      if (owned == 0) {
        throw e;
      } // else those before it are discarded first
    }
    return owned;
  }

  /** Takes a page; its frame is free once it is dropped. False if it is pinned. */
  private boolean own(Region region, long page) {
    int frames = take(region, page);
    if (frames > 0) {
      pager.frames().release(region.share, frames);
    }
    return frames >= 0;
  }

  /** Takes a page, and drops it. Returns the number of frames that it has left, or PINNED. */
  private int take(Region region, long page) {
    for (int round = 0; ; round++) {
      int state = region.states.state(page);
      switch (state) {
        case PageState.ABSENT -> {
          if (region.states.take(page) >= 0) {
            return 0;
          }
        }
        case PageState.CLEAN, PageState.DIRTY, PageState.LOGGED, PageState.POISONED -> {
          if (region.states.changeUnpinned(page, state, PageState.FILLING)) {
            drop(region, page, state);
            return state == PageState.POISONED ? 0 : 1;
          }
          if (region.states.pins(page) > 0) {
            return PINNED;
          }
        }
        case PageState.STAGED -> {
          if (region.states.change(page, PageState.STAGED, PageState.FILLING)) {
            dropStaged(region, page);
            return 0;
          }
        }
        case PageState.AHEAD -> {
          if (region.states.change(page, PageState.AHEAD, PageState.FILLING)) {
            pager.reads().cancel(pager.reads().take(region.index, page));
            return 1;
          }
        }
        default -> {} // another thread will be done with it
      }
      pager.pause().round(round);
    }
  }

  /** Its frame is free now, or once the writer comes to its slot. */
  private void dropStaged(Region region, long page) {
    int slot = pager.staging().find(region.index, page);
    int frames = region.backing.dropStaged(region, page, 1);
    if (frames > 0) {
      pager.staging().clearHole(slot);
      pager.frames().releaseStaged(frames);
    } else {
      pager.staging().clear(slot);
    }
  }

  /**
   * Takes all pages out of the hands of other threads, before the memory of the region is released.
   *
   * @return the number of frames that are free then
   * @throws IllegalStateException if a page is pinned
   */
  long ownAll(Region region) {
    long frames = 0;
    for (long page = 0; page < region.pages; page++) {
      int left = take(region, page);
      if (left == PINNED) {
        pager.frames().release(region.share, frames);
        throw new IllegalStateException("page " + page + " of " + region + " is pinned");
      }
      frames += left;
    }
    return frames;
  }

  /**
   * Takes a page that has nothing to be written, and keeps it in memory.
   *
   * @return the number of frames that it has; -1 if it has another state now
   */
  int takeUnchanged(Region region, long page) {
    return switch (region.states.state(page)) {
      case PageState.CLEAN ->
          region.states.changeUnpinned(page, PageState.CLEAN, PageState.FILLING) ? 1 : -1;
      case PageState.POISONED -> // it stays an error: zeros must not be seen
          region.states.changeUnpinned(page, PageState.POISONED, PageState.FILLING) ? 0 : -1;
      case PageState.ABSENT, PageState.AHEAD -> take(region, page);
      default -> -1;
    };
  }

  /** Drops the pages that equal the store, unless they are pinned. */
  void dropClean(Region region, long first, long end) {
    for (long page = first; page < end; page++) {
      if (region.states.changeUnpinned(page, PageState.CLEAN, PageState.CHANGING)) {
        drop(region, page, PageState.CLEAN);
        region.states.setAbsent(page, 0);
        pager.frames().release(region.share, 1);
      }
    }
  }

  /** Lets poisoned pages be read again. */
  void clearErrors(Region region) {
    for (long page = 0; page < region.pages; page++) {
      if (region.states.changeUnpinned(page, PageState.POISONED, PageState.CHANGING)) {
        drop(region, page, PageState.POISONED);
        region.states.setAbsent(page, 0);
      }
    }
  }

  /**
   * Drops a page from memory that the caller has taken.
   *
   * @param state to which it returns if that is impossible
   * @throws PagingException if the application has changed the mapping, or locked it (mlock)
   */
  private void drop(Region region, long page, int state) {
    if (region.isClosing()) {
      return; // its memory is about to be released
    }
    String problem = region.lost();
    if (problem == null) {
      try {
        if (state == PageState.POISONED) {
          region.backing.clearPoison(region, page, 1);
        } else {
          region.backing.drop(region, page, 1);
        }
        return;
      } catch (SystemCallException e) {
        problem = "not permitted by the kernel: " + e.getMessage();
      }
    }
    region.states.settle(page, state);
    placement.wake(region, page, 1);
    throw new PagingException("page " + page + " of " + region + " cannot be dropped: " + problem);
  }
}
