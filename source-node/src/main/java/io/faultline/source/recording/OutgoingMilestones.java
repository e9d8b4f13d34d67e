package io.faultline.source.recording;

/**
 * When the steps of an outgoing migration happened, in nanoseconds of the source's clock; 0 for a
 * step that did not happen. Steps at the destination are converted to the source's clock.
 *
 * @param startedNanos the migration started
 * @param preparedNanos the destination had prepared its memory
 * @param precopyNanos the first precopy round started
 * @param pauseNanos the pause of the vCPUs was requested
 * @param pausedNanos the vCPUs had stopped
 * @param syncedNanos the dirty log had been read for the last time
 * @param copiedNanos the destination had received the last round, if one was sent during the pause;
 *     otherwise the same as {@code syncedNanos}
 * @param stateReadNanos the device state had been read
 * @param loadNanos how long the destination loaded the device state
 * @param startNanos how long the destination took from RUN to the first instruction
 * @param firstInstructionNanos the VM executed its first instruction at the destination
 * @param clockOffsetNanos the destination's clock minus the source's
 * @param endedNanos the migration ended
 */
public record OutgoingMilestones(
    long startedNanos,
    long preparedNanos,
    long precopyNanos,
    long pauseNanos,
    long pausedNanos,
    long syncedNanos,
    long copiedNanos,
    long stateReadNanos,
    long loadNanos,
    long startNanos,
    long firstInstructionNanos,
    long clockOffsetNanos,
    long endedNanos) {
  /** No step happened. */
  public static final OutgoingMilestones NONE =
      new OutgoingMilestones(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
