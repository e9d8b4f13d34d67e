package io.faultline.restore.frozen;

import java.util.concurrent.TimeUnit;

/**
 * What becomes of the processes, once that is decided, and whether the dump was told. Reads no
 * clock. Confined to the control loop.
 */
final class SourceEnd {
  /** How long the destination has to take GOODBYE and to close. */
  private static final long GOODBYE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private SourceOutcome outcome = SourceOutcome.LEFT;
  private String message = "";
  private boolean dumpHasEnded;
  private long dumpEndedNanos;

  void decide(SourceOutcome decided, String why) {
    outcome = decided;
    message = why;
  }

  SourceOutcome outcome() {
    return outcome;
  }

  String message() {
    return message;
  }

  boolean isMoved() {
    return outcome == SourceOutcome.MOVED;
  }

  /**
   * The dump was told.
   *
   * @param failure why not; empty if it was
   */
  void dumpEnded(String failure, long nowNanos) {
    dumpHasEnded = true;
    dumpEndedNanos = nowNanos;
    if (failure.isEmpty()) {
      return;
    }
    if (isMoved()) {
      message += ", but " + failure + ": its processes were killed; end it if it still runs";
    } else {
      outcome = SourceOutcome.LEFT;
      message += ", but " + failure + ": see whether the processes run, and end the dump if not";
    }
  }

  boolean dumpHasEnded() {
    return dumpHasEnded;
  }

  /** Whether the destination has not closed for too long. */
  boolean isOverdue(long nowNanos) {
    return dumpHasEnded && nowNanos - dumpEndedNanos > GOODBYE_NANOS;
  }
}
