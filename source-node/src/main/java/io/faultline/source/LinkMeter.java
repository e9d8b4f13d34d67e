package io.faultline.source;

/**
 * How much a link takes: bytes that went into it while there was more than it could take, over that
 * time. While it takes all there is, it tells nothing. Times are in nanoseconds. Belongs to the
 * bulk loop.
 */
final class LinkMeter {
  /** Waiting that a measurement consists of; in less the kernel's buffers count for too much. */
  private static final long LEAST_NANOS = 4_000_000;

  /** The link may have become faster since, and nothing would show it. */
  private static final long MAX_AGE_NANOS = 2_000_000_000L;

  private static final double NANOS_PER_SECOND = 1e9;

  private boolean full;
  private long fullSince;
  private long queuedThen;
  private long waitedNanos;
  private long drainedBytes;
  private double rate;
  private long measuredAt;

  /** Whether it can take no more now, as far as it was told. */
  boolean isFull() {
    return full;
  }

  /** It takes no more; so many bytes wait for it. */
  void full(long nowNanos, long queuedBytes) {
    full = true;
    fullSince = nowNanos;
    queuedThen = queuedBytes;
  }

  /** It takes more again; so many bytes still wait for it. */
  void writable(long nowNanos, long queuedBytes) {
    full = false;
    waitedNanos += nowNanos - fullSince;
    drainedBytes += queuedThen - queuedBytes;
    if (waitedNanos >= LEAST_NANOS) {
      double measured = drainedBytes * NANOS_PER_SECOND / waitedNanos;
      rate = isKnown(nowNanos) ? (rate + measured) / 2 : measured;
      measuredAt = nowNanos;
      waitedNanos = 0;
      drainedBytes = 0;
    }
  }

  /** Bytes per second; {@link SourceSettings#UNLIMITED} where it was not measured lately. */
  long bytesPerSecond(long nowNanos) {
    return isKnown(nowNanos) ? Math.max(1, (long) rate) : SourceSettings.UNLIMITED;
  }

  private boolean isKnown(long nowNanos) {
    return rate > 0 && nowNanos - measuredAt < MAX_AGE_NANOS;
  }
}
