package io.faultline.paging;

import io.faultline.paging.table.Run;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What the threads of {@link StagedWriter} share, and how others wake them. Thread-safe. */
final class StagedWriters {
  private static final int MOST = 64;

  private final PagerContext pager;
  private final AtomicReferenceArray<@Nullable Thread> idle = new AtomicReferenceArray<>(MOST);
  private final AtomicLong begun = new AtomicLong();
  private volatile long lastFailed;
  private volatile boolean stopped;
  private volatile @Nullable IOException failure;
  private int failing;

  StagedWriters(PagerContext pager) {
    this.pager = pager;
  }

  /** Ends the threads soon. */
  void stop() {
    stopped = true;
    wake(MOST);
  }

  boolean isStopped() {
    return stopped;
  }

  /**
   * Makes a thread work now, instead of waiting for pages; or all, instead of waiting until their
   * next attempt.
   */
  void kick() {
    wake(failure == null ? 1 : MOST);
  }

  private void wake(int most) {
    int woken = 0;
    for (int i = 0; i < MOST && woken < most; i++) {
      Thread sleeper = idle.get(i);
      if (sleeper != null && idle.compareAndSet(i, sleeper, null)) {
        LockSupport.unpark(sleeper);
        woken++;
      }
    }
  }

  /** Why some of the oldest pages cannot be written now; null while writes succeed. */
  @Nullable IOException failure() {
    return failure;
  }

  /** The number of attempts to write that have begun. */
  long begun() {
    return begun.get();
  }

  /** The number of the last attempt that failed: after {@link #begun} if it began later. */
  long lastFailed() {
    return lastFailed;
  }

  // The threads

  /** Begins an attempt, and returns its number. */
  long begin() {
    return begun.incrementAndGet();
  }

  /**
   * Sleeps until it is woken, at most for a time.
   *
   * @param isFailing whether it waits for its next attempt, else for pages
   */
  void sleep(boolean isFailing, long nanos) {
    Thread self = Thread.currentThread();
    int slot = enter(self);
    if (!stopped && (isFailing || !pager.staging().hasUnclaimed())) {
      LockSupport.parkNanos(this, nanos);
    }
    idle.compareAndSet(slot, self, null);
  }

  private int enter(Thread self) {
    for (int i = 0; ; i = (i + 1) % MOST) {
      if (idle.get(i) == null && idle.compareAndSet(i, null, self)) {
        return i;
      }
    }
  }

  /**
   * Notes that a write failed.
   *
   * @param isFirst whether the writes of that thread succeeded before
   */
  void noteFailure(Region region, long run, IOException e, long attempt, boolean isFirst) {
    boolean isNew;
    synchronized (this) {
      isNew = failure == null;
      failing += isFirst ? 1 : 0;
      failure = e;
      lastFailed = Math.max(lastFailed, attempt);
      pager.frames().setStuck(true);
    }
    if (isNew) {
      pager.report(
          region,
          PagingError.Kind.WRITE,
          Run.first(run),
          Run.count(run),
          region + " cannot be written, its pages stay in memory: " + e.getMessage());
    }
  }

  /** Notes that a thread, whose writes had failed, succeeds again. */
  synchronized void noteRecovery() {
    failing--;
    if (failing == 0) {
      failure = null;
      pager.frames().setStuck(false);
    }
  }
}
