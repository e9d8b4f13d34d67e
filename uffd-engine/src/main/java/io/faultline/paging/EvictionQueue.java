package io.faultline.paging;

import io.faultline.paging.table.Run;
import io.faultline.paging.table.RunRing;
import io.faultline.paging.table.StateTable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The order in which pages leave: first in, first out, in two rings. A page that returns soon after
 * it was evicted is hot, and enters the protected ring, from which it leaves only if that ring
 * holds more than its share, and then by way of the other.
 *
 * <p>How long ago a page was evicted is its <i>ghost</i>, three bits of its state byte: the number
 * of half buffers of pages that had been evicted by then, modulo seven. So a page evicted long ago
 * looks recent in two of seven cases, which costs some accuracy and no memory.
 *
 * <p>Thread-safe.
 */
final class EvictionQueue {
  private static final int MOST_PASSED = 1024;

  /** Runs that an application has read and said that it will not read again; also in others. */
  private final RunRing passed;

  private final RunRing newcomers;
  private final RunRing hot;
  private final AtomicLong hotPages = new AtomicLong();
  private final AtomicLong evicted = new AtomicLong();
  private final long hotShare;
  private final long pagesPerGhost;

  /**
   * @param pages the maximum number of pages that are in it
   */
  EvictionQueue(long pages) {
    // a run has at least one page, and each page is in one run at most
    int capacity = (int) Math.min(pages * 2 + 64, 1 << 28);
    passed = new RunRing(Math.min(capacity, MOST_PASSED));
    newcomers = new RunRing(capacity);
    hot = new RunRing(capacity);
    hotShare = pages * 3 / 4;
    pagesPerGhost = Math.max(1, pages / 2);
  }

  /** Whether a page that was evicted with this ghost returns soon. */
  boolean isHot(int ghost) {
    int now = ghost();
    return ghost != 0 && (ghost == now || ghost % StateTable.MAX_GHOST + 1 == now);
  }

  /** The ghost of a page that is evicted now. */
  int ghost() {
    return (int) (evicted.get() / pagesPerGhost % StateTable.MAX_GHOST) + 1;
  }

  void countEvicted(long pages) {
    evicted.addAndGet(pages);
  }

  /** The number of runs. */
  int size() {
    return newcomers.size() + hot.size() + passed.size();
  }

  /** Whether discarded pages fill a ring, so that the evictor should remove their runs. */
  boolean isCrowded() {
    return newcomers.size() > newcomers.capacity() / 8 * 7 || hot.size() > hot.capacity() / 8 * 7;
  }

  /** Appends the pages of a range that are in no run yet. False if a ring was full. */
  boolean add(Region region, long first, int count, boolean isHot) {
    long end = first + count;
    boolean all = true;
    for (long page = first; page < end; page++) {
      int marked = region.states.enqueueRun(page, (int) (end - page));
      all &= marked == 0 || push(region, page, marked, isHot);
      page += marked; // the next one is in a run, or is the end
    }
    return all;
  }

  private boolean push(Region region, long first, int count, boolean isHot) {
    RunRing ring = isHot ? hot : newcomers;
    if (!ring.offer(Run.of(region.index, first, count))) {
      for (int i = 0; i < count; i++) {
        region.states.dequeue(first + i);
      }
      return false;
    }
    if (isHot) {
      hotPages.addAndGet(count);
    }
    return true;
  }

  /** Lets pages leave before all others. They stay in the runs that have them. */
  void pass(Region region, long first, int count) {
    boolean ignored = passed.offer(Run.of(region.index, first, count)); // if full, in their turn
  }

  /**
   * Removes the run to evict next. Pages of it that are not marked as queued have left by another.
   *
   * @param hotToo whether hot pages have to leave too, since the others cannot
   * @return {@link RunRing#EMPTY} if there is none
   */
  long next(boolean hotToo) {
    long first = passed.poll();
    if (first != RunRing.EMPTY) {
      return first;
    }
    if (hotToo) {
      long run = pollHot();
      if (run != RunRing.EMPTY) {
        return run;
      }
    }
    while (hotPages.get() > hotShare) {
      long demoted = pollHot();
      if (demoted == RunRing.EMPTY || !newcomers.offer(demoted)) {
        return demoted;
      }
    }
    long run = newcomers.poll();
    return run == RunRing.EMPTY ? pollHot() : run;
  }

  private long pollHot() {
    long run = hot.poll();
    if (run != RunRing.EMPTY) {
      hotPages.addAndGet(-Run.count(run));
    }
    return run;
  }
}
