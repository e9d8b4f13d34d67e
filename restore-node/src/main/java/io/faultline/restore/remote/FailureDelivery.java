package io.faultline.restore.remote;

import java.util.concurrent.TimeUnit;

/**
 * The restored processes have ended, and the page source keeps its own ones frozen until it knows
 * that: for how long this side tries to tell it. Reads no clock. Confined to the session's loop.
 */
final class FailureDelivery {
  static final long LIMIT_SECONDS = 600;
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);

  private boolean begun;
  private long begunNanos;

  /** From now on. */
  void begin(long nowNanos) {
    begun = true;
    begunNanos = nowNanos;
  }

  boolean hasBegun() {
    return begun;
  }

  /** Whether it takes too long. */
  boolean isOver(long nowNanos) {
    return begun && nowNanos - begunNanos > LIMIT_NANOS;
  }
}
