package io.faultline.dest;

/** When things happened, on the destination's clock; 0 for never. Confined to the control loop. */
final class IncomingTimes {
  long startedNanos;
  long stateArrivedNanos;
  long readyNanos;
  long runNanos;
  long firstInstructionNanos;
  long endedNanos;

  /** Records when READY was sent, if the stage is READY; the first call counts. */
  void readySent(IncomingState stage, long nowNanos) {
    if (stage == IncomingState.READY && readyNanos == 0) {
      readyNanos = nowNanos;
    }
  }

  /** How long discarding pages took. */
  long discardNanos;
}
