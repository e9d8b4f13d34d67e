package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.Run;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillResult;
import java.lang.foreign.MemorySegment;

/**
 * Evicts the pages of one run: clean pages are dropped, dirty ones go to the staging ring. Confined
 * to the thread of the {@link Evictor}.
 */
final class RunEviction {
  /** Takes back pages that cannot leave now. */
  interface Requeue {
    void add(Region region, long first, int count);
  }

  private static final int LEAST_ROOM = 64;

  private final PagerContext pager;
  private final Requeue requeue;
  private final CleanDrops drops;

  /** Longer runs wait until the staging ring has so many slots. */
  private final int leastRoom;

  private final Lane lane = new Lane(MemorySegment.NULL);
  private int left;
  private boolean stagingWasFull;

  /** Why the last move ended, an errno. */
  private int refusal;

  RunEviction(PagerContext pager, Requeue requeue) {
    this.pager = pager;
    this.requeue = requeue;
    this.drops = new CleanDrops(pager, requeue);
    this.leastRoom = Math.clamp(pager.staging().slots() / 4, 1, LEAST_ROOM);
  }

  /**
   * The number of pages that left during the last {@link #evict}, or will by {@link #finishDrops}.
   */
  int left() {
    return left;
  }

  /** Whether the last {@link #evict} ended early, since the staging ring was full. */
  boolean stagingWasFull() {
    return stagingWasFull;
  }

  /** Drops clean pages that wait for others to be dropped with them. */
  void finishDrops() {
    drops.dropAll();
  }

  /** Forgets the results of the last call. */
  void reset() {
    left = 0;
    stagingWasFull = false;
  }

  /**
   * Evicts as far as possible.
   *
   * @param end exclusive
   * @return the end, or the first page that was not handled since the staging ring was full
   */
  long evict(Region region, long first, long end) {
    reset();
    for (long page = first; page < end; ) {
      long next = page + region.states.dequeueRun(page, (int) (end - page));
      long done = evictDequeued(region, page, next);
      if (done < next) {
        return done;
      }
      page = Math.max(next, page + 1); // a page that is not queued has left by another run
    }
    return end;
  }

  private long evictDequeued(Region region, long first, long end) {
    long page = first;
    while (page < end) {
      int done = dropClean(region, page, end);
      if (done == 0) {
        done = stageDirty(region, page, end);
      }
      if (done == 0 && stagingWasFull) {
        return page;
      }
      if (done == 0) {
        if (stays(region.states.state(page))) {
          requeue.add(region, page, 1);
        }
        done = 1;
      }
      page += done;
    }
    return end;
  }

  /** Whether a page that could not be evicted now must be tried again. */
  private static boolean stays(int state) {
    return PageState.isResident(state) || PageState.isFilling(state) || state == PageState.CHANGING;
  }

  /** Drops consecutive clean pages from here on; returns their number. */
  private int dropClean(Region region, long first, long end) {
    int count = take(region, first, end, PageState.CLEAN, Integer.MAX_VALUE);
    if (count == 0) {
      return 0;
    }
    left += drops.add(region, first, count);
    return count;
  }

  private static int take(Region region, long first, long end, int state, int most) {
    int count = (int) Math.min(most, end - first);
    return region.states.changeUnpinnedRun(first, count, state, PageState.CHANGING);
  }

  /** Moves consecutive dirty pages from here on to the staging ring; returns the number handled. */
  private int stageDirty(Region region, long first, long end) {
    int state = region.states.state(first);
    if (!PageState.isDirty(state)) {
      return 0;
    }
    int wanted = (int) Math.min(end - first, pager.maxWindow());
    int room = pager.staging().available(wanted);
    // a run that leaves in crumbs is written in crumbs, and read back in crumbs
    stagingWasFull = room < Math.min(wanted, leastRoom);
    if (stagingWasFull) {
      return 0;
    }
    int count = take(region, first, end, state, room);
    if (count == 0) {
      return 0;
    }
    int slot = pager.staging().nextSlot();
    for (int i = 0; i < count; i++) {
      pager.staging().name(slot + i, region.index, first + i);
    }
    long result = region.backing.stage(region, first, count, slot, lane);
    int moved = (int) (FillResult.bytesDone(result) / pager.pageBytes());
    refusal = FillResult.errno(result);
    for (int i = moved; i < count; i++) {
      pager.staging().clear(slot + i);
    }
    int handled = count;
    if (moved < count) {
      handled = moved + returnFirst(region, first + moved, count - moved, state);
    }
    if (moved > 0) {
      if (state == PageState.DIRTY) {
        region.noteChanged(first, moved);
      }
      stage(region, first, moved);
    }
    return handled;
  }

  /**
   * Gives back pages that were not moved; the first one is why. If it is missing, the application
   * has dropped it, and its frame is free.
   *
   * @return 1: the first page is handled, the others are tried again
   */
  private int returnFirst(Region region, long first, int count, int state) {
    boolean vanished = refusal == Errno.ENOENT && region.lost() == null;
    for (int i = vanished ? 1 : 0; i < count; i++) {
      region.states.settle(first + i, state);
    }
    if (vanished) {
      region.noteChanged(first, 1);
      pager.awaitOlderWrite(region, first, 1);
      region.states.setAbsent(first, 0);
      pager.count(Counter.VANISHED, 1);
      pager.frames().release(region.share, 1);
      left++;
    } else {
      pager.count(Counter.BUSY, 1);
      requeue.add(region, first, 1);
    }
    return 1;
  }

  private void stage(Region region, long first, int count) {
    for (int i = 0; i < count; i++) {
      region.states.settle(first + i, PageState.STAGED);
    }
    pager.staging().add(Run.of(region.index, first, count));
    pager.frames().stage(region.share, count);
    region.share.queue().countEvicted(count);
    pager.count(Counter.EVICTED_DIRTY, count);
    left += count;
  }
}
