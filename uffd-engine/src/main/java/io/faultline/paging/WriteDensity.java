package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.StateTable;

/**
 * How densely the pages around a first store have been stored to. Threads that share the parts of
 * an array between them, or sort it, store to all pages of a stretch, but in no order that a stream
 * has.
 */
final class WriteDensity {
  private static final int NEAREST = 8;
  private static final int FARTHEST = 128;
  private static final int GROWTH = 4;
  private static final int SHARE = 8;

  private WriteDensity() {}

  /**
   * The largest distance from a page, of 8, 32 and 128, up to which one in eight pages is writable,
   * and also up to each smaller one; 0 if there is none. So dense, writing all of them in a few
   * large writes takes no longer than writing the others in many small ones.
   */
  static int reach(StateTable states, long page) {
    int reach = 0;
    int writable = 0;
    int counted = 0;
    for (int distance = NEAREST; distance <= FARTHEST; distance *= GROWTH) {
      for (int at = counted + 1; at <= distance; at++) {
        writable += writable(states, page - at) + writable(states, page + at);
      }
      if (writable < distance * 2 / SHARE) {
        break;
      }
      counted = distance;
      reach = distance;
    }
    return reach;
  }

  private static int writable(StateTable states, long page) {
    boolean inside = page >= 0 && page < states.pages();
    return inside && PageState.isWritable(states.state(page)) ? 1 : 0;
  }
}
