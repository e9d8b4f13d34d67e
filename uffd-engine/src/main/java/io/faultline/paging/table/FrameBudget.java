package io.faultline.paging.table;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The page frames of a buffer: a hard limit. A frame is reserved before a page is filled, and
 * released after the page has left memory, the staging ring included.
 *
 * <p>Thread-safe. No method waits.
 */
public final class FrameBudget {
  private final long total;
  private final AtomicLong used = new AtomicLong();
  private final AtomicLong mostUsed = new AtomicLong();

  public FrameBudget(long total) {
    this.total = total;
  }

  public long total() {
    return total;
  }

  public long used() {
    return used.get();
  }

  public long free() {
    return total - used.get();
  }

  /** The maximum of {@link #used} so far. */
  public long mostUsed() {
    return mostUsed.get();
  }

  /** Reserves one frame. False if there is none. */
  public boolean reserve() {
    return reserveUpTo(1) == 1;
  }

  /**
   * Reserves as many frames as there are, up to a number.
   *
   * @return the number reserved
   */
  public int reserveUpTo(int wanted) {
    while (true) {
      long now = used.get();
      int got = (int) Math.min(wanted, total - now);
      if (got <= 0) {
        return 0;
      }
      if (used.compareAndSet(now, now + got)) {
        if (now + got > mostUsed.get()) {
          mostUsed.accumulateAndGet(now + got, Math::max);
        }
        return got;
      }
    }
  }

  /** Takes frames that are in use already, even beyond the limit. */
  public void force(long frames) {
    long now = used.addAndGet(frames);
    mostUsed.accumulateAndGet(now, Math::max);
  }

  public void release(long frames) {
    long left = used.addAndGet(-frames);
    if (left < 0) {
      throw new IllegalStateException(
          frames + " frames released, but " + (left + frames) + " used");
    }
  }
}
