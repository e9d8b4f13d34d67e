package io.faultline.restore.frozen;

import io.faultline.proto.PeerWait;

/** The wait until the processes are frozen. Reads no clock. Confined to the control loop. */
final class FreezeWait {
  private final long limitNanos;
  private final long startNanos;
  private String missing = "the first look";
  private long missingSinceNanos;

  /**
   * @param limitNanos how long to wait
   */
  FreezeWait(long limitNanos, long nowNanos) {
    this.limitNanos = limitNanos;
    startNanos = nowNanos;
    missingSinceNanos = nowNanos;
  }

  /** Something is missing, as the object of "waiting for". */
  void misses(String what, long nowNanos) {
    if (!missing.equals(what)) {
      missing = what;
      missingSinceNanos = nowNanos;
    }
  }

  boolean isOver(long nowNanos) {
    return nowNanos - startNanos > limitNanos;
  }

  /** For the user, when it is over. */
  String describe() {
    return "waited " + PeerWait.duration(limitNanos) + " for " + missing;
  }

  PeerWait waiting() {
    return new PeerWait(
        "have " + missing,
        missingSinceNanos,
        "giving up " + PeerWait.duration(limitNanos) + " after the start");
  }
}
