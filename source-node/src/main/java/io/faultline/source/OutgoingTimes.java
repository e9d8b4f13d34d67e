package io.faultline.source;

/** When things happened, by the source's clock unless the name says otherwise; 0 for never. */
final class OutgoingTimes {
  long startedNanos;
  long preparedNanos;

  /** When the first precopy round began. */
  long precopyNanos;

  long pauseNanos;
  long pausedNanos;

  /** When the dirty log had told the last pages. */
  long syncedNanos;

  /** When the last round, which the VM was paused for, was in place; without one: as synced. */
  long copiedNanos;

  long stateReadNanos;
  long firstInstructionDestinationNanos;
  long destinationDiscardNanos;
  long destinationLoadNanos;
  long destinationStartNanos;
  long endedNanos;

  /** From one time to another; -1 where either never came. */
  static long between(long from, long to) {
    return from == 0 || to == 0 ? -1 : to - from;
  }
}
