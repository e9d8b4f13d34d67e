package io.faultline.paging;

import java.util.Arrays;

/** The shares of a buffer. Thread-safe. */
final class FrameShares {
  private final long total;

  /** Frames that are never promised: those that are kept free, and what one instruction needs. */
  private final long unpromised;

  private final FrameShare common;
  private volatile FrameShare[] own = {};

  /**
   * @param total the frames of the buffer
   * @param keptFree how many of them are free or about to be
   */
  FrameShares(long total, long keptFree) {
    this.total = total;
    this.unpromised = keptFree + PagerOptions.LEAST_BUFFER_PAGES;
    this.common = new FrameShare(0, total, total);
  }

  /** That of all regions without a budget. */
  FrameShare common() {
    return common;
  }

  /** All but {@link #common}. */
  FrameShare[] own() {
    return own;
  }

  /**
   * Adds the share of a region.
   *
   * @throws IllegalArgumentException if it is too small, or more is promised than there is
   */
  synchronized FrameShare add(RegionOptions options, long regionPages, int pageBytes) {
    long most = Math.min(total, options.mostBytes() / pageBytes);
    if (most < PagerOptions.LEAST_BUFFER_PAGES) {
      throw new IllegalArgumentException(
          "a region that may have at most "
              + options.mostBytes()
              + " bytes of the buffer: must be at least "
              + PagerOptions.LEAST_BUFFER_PAGES * pageBytes);
    }
    long given = (options.leastBytes() + pageBytes - 1) / pageBytes;
    long least = Math.min(most, Math.max(given, PagerOptions.LEAST_BUFFER_PAGES));
    long promised = Arrays.stream(own).mapToLong(FrameShare::least).sum();
    if (promised + least > total - unpromised) {
      throw new IllegalArgumentException(
          "a region that has at least "
              + options.leastBytes()
              + " bytes of the buffer, of which others have "
              + promised * pageBytes
              + ": together at most "
              + Math.max(0, total - unpromised) * pageBytes
              + " can be promised; give it less, or enlarge the buffer");
    }
    FrameShare share = new FrameShare(least, most, Math.min(most, regionPages));
    FrameShare[] more = Arrays.copyOf(own, own.length + 1);
    more[own.length] = share;
    own = more;
    return share;
  }

  /** Removes the share of a region that is closed. */
  synchronized void remove(FrameShare share) {
    own = Arrays.stream(own).filter(other -> other != share).toArray(FrameShare[]::new);
  }

  /** Whether a share has reached its limit, so that pages should leave. */
  boolean isOneLow() {
    for (FrameShare share : own) {
      if (share.isLow()) {
        return true;
      }
    }
    return false;
  }

  /** Whether the eviction from a share should go on. */
  boolean isOneBelowHighWater() {
    for (FrameShare share : own) {
      if (share.isBelowHighWater()) {
        return true;
      }
    }
    return false;
  }

  /** Whether discarded pages fill a queue. */
  boolean isOneCrowded() {
    boolean crowded = common.queue().isCrowded();
    for (FrameShare share : own) {
      crowded |= share.queue().isCrowded();
    }
    return crowded;
  }

  /** The number of runs in all queues. */
  int runs() {
    int runs = common.queue().size();
    for (FrameShare share : own) {
      runs += share.queue().size();
    }
    return runs;
  }

  /**
   * The share from which a run should leave: one that is at its limit, else the one that has most
   * above what is its own.
   *
   * @param turn not 0 if that had no success: then the shares take turns
   */
  FrameShare choose(int turn) {
    FrameShare[] now = own;
    if (now.length == 0) {
      return common;
    }
    if (turn > 0) {
      return inTurn(now, turn);
    }
    FrameShare best = common;
    for (FrameShare share : now) {
      if (share.queue().size() == 0) {
        continue;
      }
      if (share.isBelowHighWater()) {
        return share;
      }
      if (best.queue().size() == 0 || share.excess() > best.excess()) {
        best = share;
      }
    }
    return best;
  }

  private FrameShare inTurn(FrameShare[] now, int turn) {
    for (int i = 0; i <= now.length; i++) {
      int at = (turn + i) % (now.length + 1);
      FrameShare share = at == now.length ? common : now[at];
      if (share.queue().size() > 0) {
        return share;
      }
    }
    return common;
  }
}
