package io.faultline.cli.simulation;

import java.util.Locale;

/** How a run ended. */
enum RunOutcome {
  /** The destination has all memory, and both sides know it. */
  COMPLETED,
  /** The destination has all memory, but the source was never notified. */
  COMPLETED_UNCONFIRMED,
  /** The VM continues at the source. */
  RESUMED,
  /** One side waits for its peer, which is gone or unreachable. */
  WAITING,
  /** A node gave up after its configured time. */
  GIVEN_UP,
  /** The process that owned the VM is gone. */
  LOST,
  /** An invariant was violated. */
  INVARIANT_VIOLATED;

  /** Human-readable. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
