package io.faultline.restore.transfer;

import io.faultline.memory.PageBitmap;
import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.Space;
import java.util.ArrayList;
import java.util.List;

/**
 * The pages of one process of the dump: which were asked for and not answered, which are wanted by
 * any of its spaces (a process that forks has several), and where the background transfer goes on.
 *
 * <p>Confined to the session's event loop.
 */
final class TaskTransfer {
  private final DumpLayout layout;
  private final PageBitmap requested;
  private final List<Space> spaces = new ArrayList<>();
  private long cursor;

  TaskTransfer(DumpLayout layout) {
    this.layout = layout;
    requested = new PageBitmap(layout.pageCount());
  }

  DumpLayout layout() {
    return layout;
  }

  /** All spaces of the process. One that forks while pages are placed adds its child at the end. */
  List<Space> spaces() {
    return spaces;
  }

  boolean isRequested(long page) {
    return requested.get(page);
  }

  /** Whether a page is missing somewhere. */
  boolean isMissing(long page) {
    for (int i = 0; i < spaces.size(); i++) {
      if (spaces.get(i).missing().get(page)) {
        return true;
      }
    }
    return false;
  }

  private boolean isWanted(long page) {
    return !requested.get(page) && isMissing(page);
  }

  /** The number of wanted pages from this one on, within its extent. */
  int wantedAfter(long page, int most) {
    long end = Math.min(page + most, layout.extentEnd(page));
    long at = page;
    while (at < end && isWanted(at)) {
      at++;
    }
    return (int) (at - page);
  }

  /** The number of wanted pages right before this one, within its extent. */
  int wantedBefore(long page, int most) {
    long first = Math.max(page - most, layout.firstPageOf(layout.extentOf(page)));
    long at = page;
    while (at > first && isWanted(at - 1)) {
      at--;
    }
    return (int) (page - at);
  }

  /** The next page that the background transfer asks for; -1 if there is none. */
  long nextWanted() {
    long page = nextWanted(cursor, layout.pageCount());
    return page >= 0 ? page : nextWanted(0, cursor);
  }

  /** The background transfer goes on at a page. */
  void continueAt(long page) {
    cursor = page < layout.pageCount() ? page : 0;
  }

  private long nextWanted(long from, long end) {
    long page = from;
    while (page < end) {
      long next = end;
      for (int i = 0; i < spaces.size(); i++) {
        next = Math.min(next, spaces.get(i).missing().nextSet(page, end));
      }
      if (next == end) {
        return -1;
      }
      page = requested.nextClear(next, end);
      if (page == next) {
        return page;
      }
    }
    return -1;
  }

  void requested(long first, int count) {
    requested.set(first, first + count);
  }

  /** Threads that wait for pages that are not in flight any more ask for them again. */
  void reportFaultsAgain() {
    for (int i = 0; i < spaces.size(); i++) {
      spaces.get(i).reportAgain();
    }
  }

  /** Pages have arrived, or are not answered. */
  void answered(long first, int count) {
    requested.clear(first, first + count);
  }
}
