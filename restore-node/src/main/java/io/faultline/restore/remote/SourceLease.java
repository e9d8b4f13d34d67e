package io.faultline.restore.remote;

import java.util.concurrent.TimeUnit;

/**
 * Until when the page source surely keeps the processes frozen. It counts from the last frame that
 * it has received; this side from when it sent the last one that it knows was received, so this
 * side's time ends first. Reads no clock. Confined to the session's loop.
 */
final class SourceLease {
  /** The part of the lease after which this side gives up: clocks differ, and ending takes time. */
  private static final double PART = 0.75;

  private long confirmedNanos;
  private long leaseNanos;
  private boolean announced;

  /** The page source announces its lease: it keeps the processes until then, or for ever with 0. */
  void announced(int leaseMillis, long nowNanos) {
    if (leaseNanos == 0) {
      confirmedNanos = nowNanos; // it has not counted before this
    }
    announced = true;
    leaseNanos = (long) (TimeUnit.MILLISECONDS.toNanos(leaseMillis) * PART);
  }

  /** A lease of an earlier program: until the first announcement, it has this time left. */
  void inherited(long leftNanos, long nowNanos) {
    if (leftNanos != Long.MAX_VALUE) {
      confirmedNanos = nowNanos;
      leaseNanos = leftNanos;
    }
  }

  /** The time that is left; {@link Long#MAX_VALUE} for ever. */
  long leftNanos(long nowNanos) {
    return leaseNanos == 0 ? Long.MAX_VALUE : confirmedNanos + leaseNanos - nowNanos;
  }

  /** Whether the page source never lets the processes continue by itself. */
  boolean isEndless() {
    return announced && leaseNanos == 0;
  }

  /** The page source has received a frame that was sent then. */
  void confirmed(long sentNanos) {
    confirmedNanos = Math.max(confirmedNanos, sentNanos);
  }

  /** Whether the page source may let the processes continue soon. */
  boolean isOver(long nowNanos) {
    return leaseNanos != 0 && nowNanos - confirmedNanos > leaseNanos;
  }
}
