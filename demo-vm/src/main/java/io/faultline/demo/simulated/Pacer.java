package io.faultline.demo.simulated;

/**
 * Tells a vCPU that has a pace when it is ahead of it. Time that it lost (in a page fault, a pause,
 * a sleep that took too long) it makes up for only as far as {@link #CREDIT_NANOS}, so that it does
 * not race after a long pause. No part of what the guest computes, and does not migrate.
 *
 * <p>Belongs to the vCPU's thread. Times are those of {@link System#nanoTime}, which it never
 * reads.
 */
final class Pacer {
  /** Shorter sleeps are saved up: a thread takes about 0.1 ms to fall asleep and wake. */
  static final long SHORTEST_SLEEP_NANOS = 500_000;

  private static final long CREDIT_NANOS = 10_000_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private final double nanosPerOperation;
  private final long batch;

  /** When what was done so far is due: {@code doneNanos} after the origin. */
  private long originNanos;

  private double doneNanos;
  private long nowNanos;

  /**
   * @param opsPerSecond 0 for no limit
   */
  Pacer(long opsPerSecond) {
    nanosPerOperation = opsPerSecond == 0 ? 0 : NANOS_PER_SECOND / opsPerSecond;
    batch =
        opsPerSecond == 0
            ? Long.MAX_VALUE
            : (long) Math.max(1, SHORTEST_SLEEP_NANOS / nanosPerOperation);
  }

  /** The most operations to do before {@link #isAhead} is asked again. */
  long batch() {
    return batch;
  }

  /** Before the first operation, which is due at once. */
  void start(long now) {
    originNanos = now;
    nowNanos = now;
    doneNanos = 0;
  }

  /** So many operations were done, the last of them just now. */
  void did(long operations, long now) {
    doneNanos += operations * nanosPerOperation;
    slept(now);
  }

  /** The clock went on without operations. */
  void slept(long now) {
    nowNanos = now;
    double oldest = now - originNanos - (double) CREDIT_NANOS;
    doneNanos = Math.max(doneNanos, oldest);
  }

  /** Whether it has to sleep before its next operation. */
  boolean isAhead() {
    return nanosPerOperation > 0 && dueNanos() - nowNanos >= SHORTEST_SLEEP_NANOS;
  }

  /** When its next operation is due. */
  long dueNanos() {
    return originNanos + (long) doneNanos;
  }
}
