package io.faultline.dest.recording;

/**
 * When the steps of an incoming migration happened, in nanoseconds of the destination's clock; 0
 * for a step that did not happen.
 *
 * @param startedNanos the source connected
 * @param preparedNanos memory was registered
 * @param stateArrivedNanos the device state had arrived
 * @param readyNanos READY was sent
 * @param runNanos RUN arrived
 * @param firstInstructionNanos the VM executed its first instruction here
 * @param endedNanos the migration ended
 */
public record IncomingMilestones(
    long startedNanos,
    long preparedNanos,
    long stateArrivedNanos,
    long readyNanos,
    long runNanos,
    long firstInstructionNanos,
    long endedNanos) {
  /** No step happened. */
  public static final IncomingMilestones NONE = new IncomingMilestones(0, 0, 0, 0, 0, 0, 0);
}
