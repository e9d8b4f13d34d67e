package io.faultline.source;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits the rate of a stream: after each piece it returns how long to wait before the next. A
 * stream that was idle may catch up on a few milliseconds only. Bytes that other senders report
 * count towards the limit, but delay the stream by at most some milliseconds.
 *
 * <p>Confined to the stream's loop, except for the methods that say otherwise.
 */
final class RateLimit {
  private static final long CATCH_UP_NANOS = 10_000_000;
  private static final long MAX_DELAY_FOR_OTHERS_NANOS = 50_000_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private final AtomicLong sentByOthers = new AtomicLong();
  private volatile long bytesPerSecond;
  private volatile boolean paused;
  private long freeNanos;
  private boolean started;

  RateLimit(long bytesPerSecond) {
    set(bytesPerSecond);
  }

  /**
   * Sets the rate. Any thread.
   *
   * @param newBytesPerSecond at least 1; {@link SourceSettings#UNLIMITED} for no limit
   */
  void set(long newBytesPerSecond) {
    check(newBytesPerSecond);
    bytesPerSecond = newBytesPerSecond;
  }

  /** The rate; {@link SourceSettings#UNLIMITED} for no limit. Any thread. */
  long bytesPerSecond() {
    return bytesPerSecond;
  }

  /** Holds all pages that are not urgent, or lets them go on. Any thread. */
  void setPaused(boolean isPaused) {
    paused = isPaused;
  }

  /** Whether pages that are not urgent are held. Any thread. */
  boolean isPaused() {
    return paused;
  }

  static void check(long bytesPerSecond) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "a bandwidth of " + bytesPerSecond + " bytes/s; choose 1 or more");
    }
  }

  /** Counts bytes that another sender has sent. Any thread. */
  void alsoSent(long bytes) {
    if (bytes > 0) {
      sentByOthers.addAndGet(bytes);
    }
  }

  /** Nanoseconds until the stream may send more; 0 if it may now. */
  long delayNanos(long nowNanos) {
    if (sentByOthers.getOpaque() != 0) {
      long most = Math.max(started ? freeNanos : nowNanos, nowNanos + MAX_DELAY_FOR_OTHERS_NANOS);
      sent(sentByOthers.getAndSet(0), nowNanos);
      freeNanos = Math.min(freeNanos, most);
    }
    return !started || bytesPerSecond == SourceSettings.UNLIMITED
        ? 0
        : Math.max(0, freeNanos - nowNanos);
  }

  /** Counts bytes that the stream sends now. */
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
