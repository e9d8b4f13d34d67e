package io.faultline.proto.runs;

/**
 * Measures the throughput of a link: the bytes that drain from a full send queue, over the time the
 * queue is full. A link that keeps up with the sender cannot be measured. Times are in nanoseconds.
 * Confined to the bulk loop.
 */
final class LinkMeter {
  /** The throughput of a link that was not measured recently. */
  static final long UNKNOWN = Long.MAX_VALUE;

  /**
   * Full-queue time that one measurement covers. Over less, the kernel's buffers distort the
   * result.
   */
  private static final long MIN_FULL_NANOS = 4_000_000;

  /** An older result does not count: the link may be faster now, and nothing would show it. */
  private static final long MAX_AGE_NANOS = 2_000_000_000L;

  private static final double NANOS_PER_SECOND = 1e9;

  private boolean full;
  private long fullSinceNanos;
  private long queuedWhenFull;
  private long fullNanos;
  private long drainedBytes;
  private double rate;
  private long measuredNanos;

  /** Whether the queue was full at the last report. */
  boolean isFull() {
    return full;
  }

  /** The queue is full, with this many bytes in it. */
  void full(long nowNanos, long queuedBytes) {
    full = true;
    fullSinceNanos = nowNanos;
    queuedWhenFull = queuedBytes;
  }

  /** The queue has room again, with this many bytes still in it. */
  void writable(long nowNanos, long queuedBytes) {
    full = false;
    fullNanos += nowNanos - fullSinceNanos;
    drainedBytes += queuedWhenFull - queuedBytes;
    if (fullNanos >= MIN_FULL_NANOS) {
      double measured = drainedBytes * NANOS_PER_SECOND / fullNanos;
      rate = isKnown(nowNanos) ? (rate + measured) / 2 : measured;
      measuredNanos = nowNanos;
      fullNanos = 0;
      drainedBytes = 0;
    }
  }

  /** Bytes per second, or {@link #UNKNOWN}. */
  long bytesPerSecond(long nowNanos) {
    return isKnown(nowNanos) ? Math.max(1, (long) rate) : UNKNOWN;
  }

  private boolean isKnown(long nowNanos) {
    return rate > 0 && nowNanos - measuredNanos < MAX_AGE_NANOS;
  }
}
