package io.faultline.paging;

import io.faultline.paging.table.FrameBudget;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Page frames for fills. Asks the evictor for more before they run out, and lets threads wait that
 * find none. Thread-safe; allocates nothing.
 */
final class FrameSupply {
  private static final int WAITERS = 128;
  private static final int KEPT = 8;
  private static final long WAIT_NANOS = 1_000_000;

  private final FrameBudget budget;
  private final FrameShares shares;
  private final long lowWater;
  private final Pause pause;
  private final AtomicReferenceArray<@Nullable Thread> waiters =
      new AtomicReferenceArray<>(WAITERS);
  private final AtomicReference<@Nullable Thread> evictor = new AtomicReference<>();

  private final AtomicReference<@Nullable Thread> blockedEvictor = new AtomicReference<>();

  /** Frames of staged pages, which will be free once these are in the store. */
  private final AtomicLong leaving = new AtomicLong();

  /** Whether a store fails, so that staged pages stay. */
  private volatile boolean stuck;

  /** Whether a thread found no frame. */
  private volatile boolean wanted;

  /** Whether the evictor found nothing that can leave. */
  private volatile boolean exhausted;

  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong releases = new AtomicLong();

  /**
   * @param lowWater the number of free frames below which the evictor works
   * @param pause used if it is not {@link Pause#BRIEF}, by tests that choose the interleaving
   */
  FrameSupply(FrameBudget budget, long lowWater, Pause pause) {
    this.budget = budget;
    this.shares = new FrameShares(budget.total(), lowWater + lowWater / 2);
    this.lowWater = lowWater;
    this.pause = pause;
  }

  FrameBudget budget() {
    return budget;
  }

  FrameShares shares() {
    return shares;
  }

  boolean reserve(FrameShare share) {
    boolean reserved = take(share, 1) == 1;
    boolean isAtLimit = share.isFull() && !share.equals(shares.common());
    if (!reserved && isAtLimit) {
      share.setWanted();
    }
    wanted |= !reserved && !isAtLimit;
    wakeEvictorIfLow(share);
    return reserved;
  }

  int reserveUpTo(FrameShare share, int pages) {
    int reserved = take(share, pages);
    wakeEvictorIfLow(share);
    return reserved;
  }

  private int take(FrameShare share, int pages) {
    int within = share.reserveUpTo(pages);
    int reserved = within == 0 ? 0 : budget.reserveUpTo(within);
    if (reserved < within) {
      share.budget().release(within - reserved);
    }
    return reserved;
  }

  void release(FrameShare share, long frames) {
    share.release(frames);
    releaseStaged(frames);
  }

  /** Releases frames that no page of a share has. */
  void releaseStaged(long frames) {
    if (frames > 0) {
      budget.release(frames);
      exhausted = false;
      wanted = false;
      noteRelease();
      unpark(blockedEvictor);
    }
  }

  /** Notes pages that were moved to the staging ring, with their frames. */
  void stage(FrameShare share, int pages) {
    share.release(pages);
    leaving.addAndGet(pages);
    if (!share.equals(shares.common())) {
      noteRelease(); // some may wait for the limit of the share alone
    }
  }

  /**
   * Notes that pages have left the staging ring.
   *
   * @param frames the number of those that left a free frame
   */
  void left(int pages, int frames) {
    leaving.addAndGet(-pages);
    releaseStaged(frames);
    unpark(blockedEvictor);
  }

  /** Declares whether staged pages stay, since a store fails. */
  void setStuck(boolean isStuck) {
    stuck = isStuck;
    unpark(blockedEvictor);
  }

  /** Frames that are free beyond a few that are kept for single faults. */
  int spare(FrameShare share) {
    long all = budget.free() - Math.min(lowWater, KEPT);
    return (int) Math.clamp(Math.min(all, share.spare(KEPT)), 0L, Integer.MAX_VALUE);
  }

  /** Whether pages should leave: too few frames are free or about to be, or in a share. */
  boolean isLow() {
    return isBelow(lowWater) || shares.isOneLow();
  }

  private boolean isLow(FrameShare share) {
    return isBelow(lowWater) || share.isLow();
  }

  /** Whether the evictor, once it works, should go on. */
  boolean isBelowHighWater() {
    return isBelow(lowWater + lowWater / 2) || shares.isOneBelowHighWater();
  }

  private boolean isBelow(long mark) {
    long expected = budget.free() + (stuck ? 0 : leaving.get());
    return expected < mark || (wanted && expected <= 0);
  }

  /** Whether no frame is free and none will be, until a store works again or a pin is gone. */
  boolean isExhausted(FrameShare share) {
    return (exhausted && budget.free() == 0) || share.isExhausted();
  }

  /** Declares that nothing can leave, where there is no frame. */
  void setExhausted() {
    exhausted = budget.free() <= 0;
    for (FrameShare share : shares.own()) {
      if (share.isFull()) {
        share.setExhausted();
      }
    }
    wakeWaiters();
  }

  /** Whether neither the buffer nor a share is full. */
  boolean hasFree() {
    boolean free = budget.free() > 0;
    for (FrameShare share : shares.own()) {
      free &= !share.isFull();
    }
    return free;
  }

  /** The number of releases so far, to be read before frames, or a page that leaves, are sought. */
  long releases() {
    return releases.get();
  }

  private void noteRelease() {
    releases.incrementAndGet();
    wakeWaiters();
  }

  /**
   * Waits until frames were released, or about a millisecond.
   *
   * @param seen {@link #releases} before the caller found none: returns at once if it has changed
   */
  void await(FrameShare share, long seen, int round) {
    wakeEvictorIfLow(share);
    if (!pause.equals(Pause.BRIEF)) {
      pause.round(round);
      return;
    }
    Thread self = Thread.currentThread();
    int slot = enter(self);
    if (slot < 0) {
      LockSupport.parkNanos(WAIT_NANOS / 10);
      return;
    }
    waiting.incrementAndGet();
    if (releases.get() == seen && !isExhausted(share)) {
      LockSupport.parkNanos(this, WAIT_NANOS);
    }
    waiters.set(slot, null);
    waiting.decrementAndGet();
  }

  private int enter(Thread self) {
    for (int i = 0; i < WAITERS; i++) {
      if (waiters.get(i) == null && waiters.compareAndSet(i, null, self)) {
        return i;
      }
    }
    return -1;
  }

  private void wakeWaiters() {
    for (int i = 0; i < WAITERS && waiting.get() > 0; i++) {
      Thread waiter = waiters.get(i);
      if (waiter != null) {
        LockSupport.unpark(waiter);
      }
    }
  }

  // The evictor's thread

  /** Parks the evictor until frames become scarce. */
  void awaitLow(long maxNanos) {
    evictor.set(Thread.currentThread());
    if (!isLow()) {
      LockSupport.parkNanos(this, maxNanos);
    }
    evictor.set(null);
  }

  private void wakeEvictorIfLow(FrameShare share) {
    if (isLow(share)) {
      wakeEvictor();
    }
  }

  void wakeEvictor() {
    unpark(evictor);
  }

  /** Parks the evictor until frames were released or pages have left the staging ring. */
  void awaitRelease(long maxNanos) {
    blockedEvictor.set(Thread.currentThread());
    LockSupport.parkNanos(this, maxNanos);
    blockedEvictor.set(null);
  }

  private static void unpark(AtomicReference<@Nullable Thread> holder) {
    Thread thread = holder.get();
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
