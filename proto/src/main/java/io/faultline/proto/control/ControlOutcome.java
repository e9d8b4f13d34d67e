package io.faultline.proto.control;

/**
 * What became of an operator's command.
 *
 * @param done false if it was refused, or came too late
 * @param message what was done, or what happened instead; one line
 */
public record ControlOutcome(boolean done, String message) {
  public static ControlOutcome done(String message) {
    return new ControlOutcome(true, message);
  }

  public static ControlOutcome refused(String why) {
    return new ControlOutcome(false, why);
  }
}
