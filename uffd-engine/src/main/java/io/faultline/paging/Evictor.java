package io.faultline.paging;

import io.faultline.paging.table.Run;
import io.faultline.paging.table.RunRing;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that makes room. Clean pages are dropped: they are write-protected, so a store to one
 * must pass a fault handler first, and none can be lost. Dirty pages are moved to the staging ring,
 * which is atomic: a store before the move leaves with the page, one after it faults. Nothing is
 * read from memory that is in use, so no call of the kernel can fault into the pager itself.
 *
 * <p>Pages that are pinned, in flux, or that the kernel uses for I/O go back into the queue.
 */
final class Evictor implements Runnable {
  private static final long IDLE_NANOS = 100_000_000;
  private static final long NO_PROGRESS_NANOS = 2_000_000;
  private static final long PATIENCE_NANOS = 1_000_000_000;
  private static final int MISSES = 8;
  private static final long NONE = RunRing.EMPTY;

  private final PagerContext pager;
  private final FrameShares shares;
  private final StagedWriters writers;
  private final RunEviction eviction;

  /** Runs that found no place in the queue; almost always empty. */
  private final ArrayDeque<Long> overflow = new ArrayDeque<>();

  private volatile boolean stopped;

  /** The rest of a run that was interrupted by a full staging ring; it comes first. */
  private long unfinished = NONE;

  /** The number of runs in a row of which no page could leave. */
  private int misses;

  private long lastProgressNanos = System.nanoTime();
  private long watchedNanos = System.nanoTime();

  Evictor(PagerContext pager, StagedWriters writers) {
    this.pager = pager;
    this.shares = pager.frames().shares();
    this.writers = writers;
    this.eviction = new RunEviction(pager, this::requeue);
  }

  /** Ends the thread soon. */
  void stop() {
    stopped = true;
    pager.frames().wakeEvictor();
  }

  @Override
  public void run() {
    while (!stopped) {
      try {
        work();
      } catch (RuntimeException | Error e) { // without it all accesses would soon wait for ever
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        LockSupport.parkNanos(this, IDLE_NANOS);
      }
    }
  }

  private void work() {
    watchStores();
    if (pager.frames().isLow() || shares.isOneCrowded()) {
      makeRoom();
    } else {
      pager.frames().awaitLow(IDLE_NANOS);
      lastProgressNanos = System.nanoTime();
    }
  }

  /** Now and then looks for stores that do not return. */
  private void watchStores() {
    long now = System.nanoTime();
    if (now - watchedNanos > IDLE_NANOS) {
      watchedNanos = now;
      pager.watch().check(pager);
    }
  }

  /** Goes through the queues once, or until there is room. */
  private void makeRoom() {
    long evicted;
    try {
      evicted = evictUntilThereIsRoom();
    } finally {
      eviction.finishDrops();
    }
    if (evicted == 0) {
      noteNoProgress();
    } else {
      lastProgressNanos = System.nanoTime();
    }
  }

  /** Returns the number of pages that left. */
  private long evictUntilThereIsRoom() {
    long evicted = 0;
    int runs = shares.runs() + overflow.size() + 1;
    for (int i = 0; i < runs && !stopped; i++) {
      if (!pager.frames().isBelowHighWater() && !shares.isOneCrowded()) {
        return Math.max(1, evicted);
      }
      if (!evictRun()) {
        break;
      }
      evicted += eviction.left();
      misses = eviction.left() == 0 ? misses + 1 : 0;
      if (eviction.stagingWasFull() && writers.failure() == null) {
        break; // dirty pages keep their place in the order: wait for the writer
      }
    }
    return evicted;
  }

  /** Pages that the kernel uses, or that are pinned, may be free soon: only time tells. */
  private void noteNoProgress() {
    long now = System.nanoTime();
    boolean mayComeFree = !pager.staging().isEmpty() && writers.failure() == null;
    if (mayComeFree || pager.frames().hasFree()) {
      lastProgressNanos = now;
    } else if (now - lastProgressNanos > PATIENCE_NANOS) {
      pager.frames().setExhausted();
    }
    pager.frames().awaitRelease(NO_PROGRESS_NANOS);
  }

  /** Evicts the pages of the next run as far as possible. False if there is no run. */
  boolean evictNext() {
    boolean found = evictRun();
    eviction.finishDrops();
    return found;
  }

  private boolean evictRun() {
    eviction.reset();
    long run = next();
    if (run == NONE) {
      return false;
    }
    Region region = pager.regions().get(Run.region(run));
    if (region != null && region.canBeEvicted()) {
      // a run of an older region with the same index may have been longer
      evict(region, Run.first(run), Math.min(region.pages, Run.first(run) + Run.count(run)));
    }
    return true;
  }

  private long next() {
    long run = unfinished;
    unfinished = NONE;
    if (run == NONE && !overflow.isEmpty()) {
      run = overflow.remove();
    }
    if (run != NONE) {
      return run;
    }
    int turn = Math.max(0, misses - MISSES);
    return shares.choose(turn).queue().next(turn > 0);
  }

  private void evict(Region region, long first, long end) {
    long done = eviction.evict(region, first, end);
    if (eviction.left() > 0) {
      writers.kick();
    }
    if (done < end) {
      interrupt(region, done, (int) (end - done));
    }
  }

  /** Keeps the rest of a run for later: next, or if its store fails, at the end of the queue. */
  private void interrupt(Region region, long first, int count) {
    if (writers.failure() != null) {
      requeue(region, first, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      region.states.enqueue(first + i);
    }
    unfinished = Run.of(region.index, first, count);
  }

  private void requeue(Region region, long first, int count) {
    if (!region.share.queue().add(region, first, count, false)) {
      overflow.add(Run.of(region.index, first, count));
    }
  }
}
