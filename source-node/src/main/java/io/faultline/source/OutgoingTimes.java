package io.faultline.source;

/** When things happened, by the source's clock unless the name says otherwise; 0 for never. */
final class OutgoingTimes {
  long startedNanos;
  long preparedNanos;
  long pauseNanos;
  long pausedNanos;
  long stateReadNanos;
  long firstInstructionDestinationNanos;
  long destinationLoadNanos;
  long destinationStartNanos;
  long endedNanos;

  /** From one time to another; -1 where either never came. */
  static long between(long from, long to) {
    return from == 0 || to == 0 ? -1 : to - from;
  }
}
