package io.faultline.dest;

import io.faultline.proto.control.ControlOutcome;

/**
 * The user's cancellation at the destination: possible before READY. From READY on only the source
 * knows whether RUN was sent. Confined to the control loop.
 */
final class IncomingCancellation {
  private IncomingCancellation() {}

  /** Whether a migration in this state can be cancelled here. */
  static boolean isPossible(IncomingState now) {
    return now == IncomingState.LISTENING || now == IncomingState.RECEIVING;
  }

  /** Cancels the migration, or refuses that with the reason. */
  static ControlOutcome cancel(IncomingDispatcher dispatcher, boolean vmStarted) {
    IncomingMigration migration = dispatcher.migration();
    IncomingState now = migration == null ? dispatcher.state() : migration.state();
    if (isPossible(now)) {
      dispatcher.failed("cancelled at the destination");
      return ControlOutcome.done("the migration was cancelled; the VM continues at the source");
    }
    return ControlOutcome.refused("too late: " + tooLate(now, vmStarted));
  }

  /** Why a migration in this state cannot be cancelled here any more. */
  static String tooLate(IncomingState now, boolean vmStarted) {
    if (now.isFinal()) {
      return "the migration has ended: " + now;
    }
    return vmStarted
        ? "RUN has arrived, and this destination owns the VM"
        : "the destination is READY, and only the source knows whether RUN was sent; cancel at the"
            + " source";
  }
}
