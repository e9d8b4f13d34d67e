package io.faultline.paging.table;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A bounded queue of {@link Run}s for any number of producers and consumers: each slot has the
 * number of the turn in which it can be used next (Vyukov's bounded queue). Allocates nothing.
 *
 * <p>Thread-safe. No method waits.
 */
public final class RunRing {
  /** What {@link #poll} returns if there is no run. */
  public static final long EMPTY = -1;

  private final int mask;
  private final AtomicLongArray runs;
  private final AtomicLongArray turns;
  private final AtomicLong head = new AtomicLong();
  private final AtomicLong tail = new AtomicLong();

  /**
   * @param capacity the number of runs, rounded up to a power of two
   */
  public RunRing(int capacity) {
    int slots = Math.max(2, Integer.highestOneBit(capacity - 1) << 1);
    mask = slots - 1;
    runs = new AtomicLongArray(slots);
    turns = new AtomicLongArray(slots);
    for (int i = 0; i < slots; i++) {
      turns.setPlain(i, i);
    }
  }

  public int capacity() {
    return mask + 1;
  }

  /** The number of runs, which changes concurrently. */
  public int size() {
    return Math.clamp(tail.get() - head.get(), 0, capacity());
  }

  /** Appends a run. False if the ring is full. */
  public boolean offer(long run) {
    while (true) {
      long at = tail.get();
      int slot = (int) at & mask;
      long turn = turns.get(slot);
      if (turn < at) {
        return false;
      }
      if (turn == at && tail.compareAndSet(at, at + 1)) {
        runs.setPlain(slot, run);
        turns.setRelease(slot, at + 1);
        return true;
      }
    }
  }

  /** Removes the oldest run, or returns {@link #EMPTY}. */
  public long poll() {
    while (true) {
      long at = head.get();
      int slot = (int) at & mask;
      long turn = turns.get(slot);
      if (turn < at + 1) {
        return EMPTY;
      }
      if (turn == at + 1 && head.compareAndSet(at, at + 1)) {
        long run = runs.getPlain(slot);
        turns.setRelease(slot, at + capacity());
        return run;
      }
    }
  }
}
