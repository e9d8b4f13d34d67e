package io.faultline.source.recording;

import java.util.List;

/**
 * What was recorded of an outgoing migration. All times are in nanoseconds of the source's clock.
 *
 * @param milestones when the steps happened
 * @param states the states that the migration was in, in their order
 * @param rounds the precopy rounds, in their order
 * @param unrecorded changes of state and rounds that are not among these, since there were too many
 */
public record OutgoingEvents(
    OutgoingMilestones milestones, List<State> states, List<Round> rounds, long unrecorded) {
  /**
   * A change of state.
   *
   * @param name the new state
   * @param startNanos when it was entered
   * @param reason why the connection was lost, human-readable; empty in other states
   */
  public record State(String name, long startNanos, String reason) {}

  /**
   * A precopy round.
   *
   * @param number from 1
   * @param startNanos when it started
   * @param endNanos when the destination had received it, and the dirty log was read
   * @param bytesSent bytes sent in it
   * @param dirtyBytes memory that was dirty after it
   */
  public record Round(
      int number, long startNanos, long endNanos, long bytesSent, long dirtyBytes) {}
}
