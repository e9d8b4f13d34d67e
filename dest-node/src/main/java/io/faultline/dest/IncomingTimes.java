package io.faultline.dest;

import io.faultline.dest.recording.IncomingRecording;
import org.jspecify.annotations.Nullable;

/** When things happened, on the destination's clock; 0 for never. Confined to the control loop. */
final class IncomingTimes {
  long startedNanos;
  long preparedNanos;
  long stateArrivedNanos;
  long readyNanos;
  long runNanos;
  long firstInstructionNanos;
  long endedNanos;

  /** How long discarding pages took. */
  long discardNanos;

  /** Records when memory was prepared, and when READY was sent; the first call of each counts. */
  void handled(IncomingState stage, boolean prepared, long nowNanos) {
    if (prepared && preparedNanos == 0) {
      preparedNanos = nowNanos;
    }
    if (stage == IncomingState.READY && readyNanos == 0) {
      readyNanos = nowNanos;
    }
  }

  /** Records when the steps happened; null for nothing. */
  void record(@Nullable IncomingRecording recording) {
    if (recording != null) {
      recording.ended(
          startedNanos, stateArrivedNanos, readyNanos, runNanos, firstInstructionNanos, endedNanos);
    }
  }

  /** From one time to another; -1 if either step did not happen. */
  static long between(long from, long to) {
    return from == 0 || to == 0 ? -1 : to - from;
  }
}
