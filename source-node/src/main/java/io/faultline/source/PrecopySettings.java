package io.faultline.source;

import java.time.Duration;

/**
 * When precopy rounds end.
 *
 * @param maxRounds rounds after which a hybrid migration switches over, at least 1
 * @param maxTime time after which it does, also in the middle of a round; positive
 * @param downtimeLimit how long sending the rest may keep the VM paused, for {@link
 *     MigrationMode#PRECOPY}; positive
 * @param postcopyAllowed whether a precopy migration that does not converge goes on as postcopy,
 *     and does not fail
 */
public record PrecopySettings(
    int maxRounds, Duration maxTime, Duration downtimeLimit, boolean postcopyAllowed) {
  /** For {@code maxRounds}: as many as converge. */
  public static final int WHILE_CONVERGING = Integer.MAX_VALUE;

  /** For {@code maxTime}: no limit. */
  public static final Duration ANY_TIME = Duration.ofDays(365);

  /** Hybrid switches after the first round; precopy may pause the VM for 300 ms, as in QEMU. */
  public static final PrecopySettings DEFAULT =
      new PrecopySettings(1, ANY_TIME, Duration.ofMillis(300), true);

  public PrecopySettings {
    if (maxRounds < 1) {
      throw new IllegalArgumentException(maxRounds + " rounds; choose 1 or more");
    }
    requirePositive("a time limit", maxTime);
    requirePositive("a downtime limit", downtimeLimit);
  }

  public PrecopySettings withMaxRounds(int rounds) {
    return new PrecopySettings(rounds, maxTime, downtimeLimit, postcopyAllowed);
  }

  public PrecopySettings withMaxTime(Duration time) {
    return new PrecopySettings(maxRounds, time, downtimeLimit, postcopyAllowed);
  }

  public PrecopySettings withDowntimeLimit(Duration limit) {
    return new PrecopySettings(maxRounds, maxTime, limit, postcopyAllowed);
  }

  public PrecopySettings withoutPostcopy() {
    return new PrecopySettings(maxRounds, maxTime, downtimeLimit, false);
  }

  private static void requirePositive(String what, Duration time) {
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException(what + " of " + time + "; choose a positive one");
    }
  }
}
