package io.faultline.dest;

/** When things happened, on the destination's clock; 0 for never. Confined to the control loop. */
final class IncomingTimes {
  long startedNanos;
  long preparedNanos;
  long stateArrivedNanos;
  long readyNanos;
  long runNanos;
  long firstInstructionNanos;
  long endedNanos;

  /** Records when memory was prepared, and when READY was sent; the first call of each counts. */
  void handled(IncomingState stage, boolean prepared, long nowNanos) {
    if (prepared && preparedNanos == 0) {
      preparedNanos = nowNanos;
    }
    if (stage == IncomingState.READY && readyNanos == 0) {
      readyNanos = nowNanos;
    }
  }

  /** From one time to another; -1 if either step did not happen. */
  static long between(long from, long to) {
    return from == 0 || to == 0 ? -1 : to - from;
  }

  /** How long discarding pages took. */
  long discardNanos;
}
