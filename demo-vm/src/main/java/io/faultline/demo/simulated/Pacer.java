package io.faultline.demo.simulated;

/**
 * Computes when a vCPU with a pace is ahead of it. The vCPU makes up for lost time (in a page
 * fault, in a pause, in a sleep that overran) only up to {@link #CREDIT_NANOS}, so that it does not
 * race after a long pause. Does not affect the result of the guest, and does not migrate.
 *
 * <p>Confined to the vCPU's thread. Times are those of {@link System#nanoTime}, which the caller
 * reads.
 */
final class Pacer {
  /** Shorter sleeps are combined: a thread takes about 0.1 ms to fall asleep and wake. */
  static final long SHORTEST_SLEEP_NANOS = 500_000;

  private static final long CREDIT_NANOS = 10_000_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private final double nanosPerOperation;
  private final long batch;

  /** The operations so far are due {@code doneNanos} after this. */
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

  /** The maximum number of operations between two checks of {@link #isAhead}. */
  long batch() {
    return batch;
  }

  /** Before the first operation, which is due immediately. */
  void start(long now) {
    originNanos = now;
    nowNanos = now;
    doneNanos = 0;
  }

  /** So many operations were done, the last one just now. */
  void operationsDone(long operations, long now) {
    doneNanos += operations * nanosPerOperation;
    timePassed(now);
  }

  /** Time has passed without operations. */
  void timePassed(long now) {
    nowNanos = now;
    double oldest = now - originNanos - (double) CREDIT_NANOS;
    doneNanos = Math.max(doneNanos, oldest);
  }

  /** Whether the vCPU must sleep before its next operation. */
  boolean isAhead() {
    return nanosPerOperation > 0 && dueNanos() - nowNanos >= SHORTEST_SLEEP_NANOS;
  }

  /** When the next operation is due. */
  long dueNanos() {
    return originNanos + (long) doneNanos;
  }
}
