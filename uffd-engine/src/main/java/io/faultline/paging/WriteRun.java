package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.StateTable;

/**
 * Consecutive pages that a thread owns to make them writable together, and the states that they
 * had. Writable ones among them stay so: a run that ended at each would be a call of the kernel for
 * every few pages. Confined to the thread of its {@link Lane}.
 */
final class WriteRun {
  private final byte[] before = new byte[WriteFaults.MAX_RUN];
  private final byte[] after = new byte[WriteFaults.MAX_RUN];
  private long page;
  private int countBefore;
  private int countAfter;

  /** Begins with a page that the caller owns. */
  void begin(long ownedPage) {
    page = ownedPage;
    countBefore = 0;
    countAfter = 0;
  }

  long first() {
    return page - countBefore;
  }

  int count() {
    return countBefore + 1 + countAfter;
  }

  /**
   * Takes the pages next to the run, until one has another state.
   *
   * @param state of the pages to take
   * @param most the maximum number of pages before the first one, or after it
   * @param through whether to take DIRTY ones too
   */
  void take(StateTable states, int state, int direction, int most, boolean through) {
    byte[] taken = direction < 0 ? before : after;
    int count = 0;
    while (count < most) {
      long next = page + (long) direction * (count + 1);
      if (next < 0 || next >= states.pages()) {
        break;
      }
      if (states.change(next, state, PageState.CHANGING)) {
        taken[count++] = (byte) state;
      } else if (through && states.change(next, PageState.DIRTY, PageState.CHANGING)) {
        taken[count++] = PageState.DIRTY;
      } else {
        break;
      }
    }
    if (direction < 0) {
      countBefore = count;
    } else {
      countAfter = count;
    }
  }

  /** Ends the ownership of all pages, which are DIRTY now. */
  void settleWritable(StateTable states) {
    for (int i = 0; i < count(); i++) {
      states.settle(first() + i, PageState.DIRTY);
    }
  }

  /** Ends the ownership of all pages, which stay as they were; the first one had this state. */
  void settleUnchanged(StateTable states, int state) {
    states.settle(page, state);
    for (int i = 0; i < countBefore; i++) {
      states.settle(page - 1 - i, before[i]);
    }
    for (int i = 0; i < countAfter; i++) {
      states.settle(page + 1 + i, after[i]);
    }
  }
}
