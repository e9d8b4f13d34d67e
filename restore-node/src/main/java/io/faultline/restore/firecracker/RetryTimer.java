package io.faultline.restore.firecracker;

/**
 * When to try again what the kernel refuses for the moment: soon, and then less and less often.
 * While a thread of Firecracker gives memory back, every fill fails; it may be stopped for long,
 * and no event says when it goes on.
 *
 * <p>Times are of {@link System#nanoTime}, which the caller reads. Confined to one thread.
 */
final class RetryTimer {
  static final long FIRST_NANOS = 50_000;
  static final long LAST_NANOS = 16_000_000;

  private long pause;
  private long due;

  /** The last attempt failed. */
  void failed(long now) {
    pause = pause == 0 ? FIRST_NANOS : Math.min(LAST_NANOS, 2 * pause);
    due = now + pause;
  }

  /** There is nothing to try again. */
  void stop() {
    pause = 0;
  }

  boolean isRunning() {
    return pause != 0;
  }

  boolean isDue(long now) {
    return isRunning() && due - now <= 0;
  }

  /** The time until it is due, not negative, in nanoseconds. Only while it runs. */
  long remaining(long now) {
    return Math.max(0, due - now);
  }
}
