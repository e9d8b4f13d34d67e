package io.faultline.source;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds a stream to a rate: after each piece it tells how long to wait. A stream that was idle may
 * catch up on some milliseconds, no more. What others send comes off the stream's share, but never
 * holds it up for more than some milliseconds.
 *
 * <p>Belongs to the stream's loop, but for {@link #set} and {@link #alsoSent}.
 */
final class RateLimit {
  private static final long CATCH_UP_NANOS = 10_000_000;
  private static final long MAX_WAIT_FOR_OTHERS_NANOS = 50_000_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private final AtomicLong byOthers = new AtomicLong();
  private volatile long bytesPerSecond;
  private long freeNanos;
  private boolean started;

  RateLimit(long bytesPerSecond) {
    set(bytesPerSecond);
  }

  /** Any thread: the rate from here on, at least 1; {@link SourceSettings#UNLIMITED} for none. */
  void set(long newBytesPerSecond) {
    check(newBytesPerSecond);
    bytesPerSecond = newBytesPerSecond;
  }

  /** Any thread: the rate; {@link SourceSettings#UNLIMITED} for none. */
  long bytesPerSecond() {
    return bytesPerSecond;
  }

  static void check(long bytesPerSecond) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "a bandwidth of " + bytesPerSecond + " bytes/s; choose at least 1");
    }
  }

  /** Any thread: so many bytes were sent beside the stream. */
  void alsoSent(long bytes) {
    if (bytes > 0) {
      byOthers.addAndGet(bytes);
    }
  }

  /** Nanoseconds until more may be sent; 0 for now. */
  long delayNanos(long nowNanos) {
    if (byOthers.getOpaque() != 0) {
      long most = Math.max(started ? freeNanos : nowNanos, nowNanos + MAX_WAIT_FOR_OTHERS_NANOS);
      sent(byOthers.getAndSet(0), nowNanos);
      freeNanos = Math.min(freeNanos, most);
    }
    return !started || bytesPerSecond == SourceSettings.UNLIMITED
        ? 0
        : Math.max(0, freeNanos - nowNanos);
  }

  /** So many bytes are sent now. */
  void sent(long bytes, long nowNanos) {
    long rate = bytesPerSecond;
    if (rate == SourceSettings.UNLIMITED) {
      started = false;
      return;
    }
    long earliest = nowNanos - CATCH_UP_NANOS;
    if (!started || freeNanos - earliest < 0) {
      freeNanos = started ? earliest : nowNanos;
      started = true;
    }
    freeNanos += (long) (bytes * NANOS_PER_SECOND / rate);
  }
}
