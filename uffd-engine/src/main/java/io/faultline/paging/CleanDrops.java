package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.uffd.SystemCallException;

/**
 * Clean pages that are about to be dropped, in several ranges: single pages in a few calls of the
 * kernel, and not in one each, which costs several times as much. Until then nobody else changes
 * them. Confined to the thread of the {@link Evictor}.
 */
final class CleanDrops {
  private static final int MOST_RANGES = 16;

  /** So many pages are worth a call. */
  private static final int MOST_PAGES = 64;

  private final PagerContext pager;
  private final RunEviction.Requeue requeue;
  private final Region[] regions = new Region[MOST_RANGES];
  private final long[] firsts = new long[MOST_RANGES];
  private final int[] counts = new int[MOST_RANGES];
  private int ranges;
  private int pages;

  /** Whether the kernel refused the last drop: then each is made, and counted, at once. */
  private boolean careful;

  CleanDrops(PagerContext pager, RunEviction.Requeue requeue) {
    this.pager = pager;
    this.requeue = requeue;
  }

  /**
   * Adds pages that the caller owns (CHANGING) and that were CLEAN.
   *
   * @return how many leave, as far as that is known
   */
  int add(Region region, long first, int count) {
    if (careful) {
      return dropOne(region, first, count) ? count : 0;
    }
    if (ranges > 0 && !regions[0].backing.equals(region.backing)) {
      dropAll();
    }
    regions[ranges] = region;
    firsts[ranges] = first;
    counts[ranges] = count;
    ranges++;
    pages += count;
    if (ranges == MOST_RANGES || pages >= MOST_PAGES) {
      dropAll();
    }
    return count;
  }

  /** Drops them now; those that the kernel refuses to drop stay. */
  void dropAll() {
    int wanted = ranges;
    ranges = 0;
    pages = 0;
    boolean together = wanted > 1 && dropTogether(wanted);
    for (int i = 0; i < wanted; i++) {
      if (together) {
        leave(regions[i], firsts[i], counts[i]);
      } else {
        boolean _ = dropOne(regions[i], firsts[i], counts[i]);
      }
    }
  }

  /** False if the kernel refuses: some may have been dropped, which may be done again. */
  private boolean dropTogether(int wanted) {
    try {
      regions[0].backing.dropAll(regions, firsts, counts, wanted);
      return true;
    } catch (SystemCallException e) {
      return false;
    }
  }

  private boolean dropOne(Region region, long first, int count) {
    try {
      region.backing.drop(region, first, count);
    } catch (SystemCallException e) { // unmapped, which an event will say; or locked (mlock)
      careful = true;
      stay(region, first, count);
      return false;
    }
    careful = false;
    leave(region, first, count);
    return true;
  }

  private void leave(Region region, long first, int count) {
    region.states.setAbsent(first, count, region.share.queue().ghost());
    region.share.queue().countEvicted(count);
    pager.count(Counter.EVICTED_CLEAN, count);
    pager.frames().release(region.share, count);
  }

  private void stay(Region region, long first, int count) {
    for (int i = 0; i < count; i++) {
      region.states.settle(first + i, PageState.CLEAN);
    }
    pager.count(Counter.BUSY, count);
    requeue.add(region, first, count);
  }
}
