package io.faultline.dest;

/** When things happened, by the destination's clock; 0 for never. */
final class IncomingTimes {
  long startedNanos;
  long stateArrivedNanos;
  long readyNanos;
  long runNanos;
  long firstInstructionNanos;
  long endedNanos;

  /** READY was sent, if that is where it stands; the first time counts. */
  void readySent(IncomingState stage, long nowNanos) {
    if (stage == IncomingState.READY && readyNanos == 0) {
      readyNanos = nowNanos;
    }
  }

  /** What discarding pages took. */
  long discardNanos;
}
