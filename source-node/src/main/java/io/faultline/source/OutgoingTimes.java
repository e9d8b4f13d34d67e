package io.faultline.source;

import io.faultline.source.recording.OutgoingMilestones;

/**
 * When the steps of a migration happened, by the source's clock unless the name says otherwise. 0
 * if a step did not happen. Confined to the control loop.
 */
final class OutgoingTimes {
  long startedNanos;
  long preparedNanos;

  /** When the first precopy round started. */
  long precopyNanos;

  /** When the pause of the vCPUs was requested. */
  long pauseRequestNanos;

  /** When the VM no longer ran: the downtime begins. Most VMs stop on request. */
  long pauseNanos;

  /** When the vCPUs had stopped. */
  long pausedNanos;

  /** When the dirty log had been read for the last time. */
  long syncedNanos;

  /**
   * When the destination had received the last round, which is sent while the VM is paused. Without
   * such a round: the same as {@link #syncedNanos}.
   */
  long copiedNanos;

  long stateReadNanos;
  long firstInstructionDestinationNanos;
  long destinationDiscardNanos;
  long destinationLoadNanos;
  long destinationStartNanos;
  long endedNanos;

  /**
   * The times for a recording.
   *
   * @param clockOffsetNanos the destination's clock minus the source's
   */
  OutgoingMilestones milestones(long clockOffsetNanos) {
    long first = firstInstructionDestinationNanos;
    return new OutgoingMilestones(
        startedNanos,
        preparedNanos,
        precopyNanos,
        pauseNanos,
        pausedNanos,
        syncedNanos,
        copiedNanos,
        stateReadNanos,
        destinationLoadNanos,
        destinationStartNanos,
        first == 0 ? 0 : first - clockOffsetNanos,
        clockOffsetNanos,
        endedNanos);
  }

  /** From one time to another; -1 if either step did not happen. */
  static long between(long from, long to) {
    return from == 0 || to == 0 ? -1 : to - from;
  }
}
