package io.faultline.cli.options;

import io.faultline.source.PrecopySettings;
import java.time.Duration;

/**
 * When a hybrid migration switches over: after a number of rounds ({@code 3}), after a time ({@code
 * 500ms}), or when rounds stop converging ({@code converged}).
 *
 * @param maxRounds as in {@link PrecopySettings}
 * @param maxTime as in {@link PrecopySettings}
 */
public record SwitchAfter(int maxRounds, Duration maxTime) {
  private static final String CONVERGED = "converged";

  /**
   * Parses a switchover point.
   *
   * @throws IllegalArgumentException if it is none; the message is for the user
   */
  static SwitchAfter parse(String text) {
    if (text.strip().equals(CONVERGED)) {
      return new SwitchAfter(PrecopySettings.WHILE_CONVERGING, PrecopySettings.ANY_TIME);
    }
    if (text.matches("\\d{1,6}")) {
      int rounds = Integer.parseInt(text);
      if (rounds < 1) {
        throw new IllegalArgumentException("'0' rounds: use --mode postcopy instead");
      }
      return new SwitchAfter(rounds, PrecopySettings.ANY_TIME);
    }
    try {
      return new SwitchAfter(PrecopySettings.WHILE_CONVERGING, Durations.parsePositive(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a number of rounds (2), a time (500ms) or 'converged'", e);
    }
  }

  /** As on the command line. */
  @Override
  public String toString() {
    if (maxTime.equals(PrecopySettings.ANY_TIME)) {
      return maxRounds == PrecopySettings.WHILE_CONVERGING
          ? CONVERGED
          : Integer.toString(maxRounds);
    }
    return Durations.format(maxTime);
  }
}
