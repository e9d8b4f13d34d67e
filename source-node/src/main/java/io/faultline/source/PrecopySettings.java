package io.faultline.source;

import java.time.Duration;

/**
 * When precopy ends.
 *
 * @param maxRounds rounds after which a hybrid migration switches over, at least 1
 * @param maxTime time after which precopy ends, even in the middle of a round; positive
 * @param downtimeLimit for {@link MigrationMode#PRECOPY}: how long the VM may stay paused while the
 *     remaining pages are sent; positive
 * @param postcopyAllowed for {@link MigrationMode#PRECOPY}: whether a migration that does not
 *     converge continues as postcopy, instead of failing
 */
public record PrecopySettings(
    int maxRounds, Duration maxTime, Duration downtimeLimit, boolean postcopyAllowed) {
  /** For {@code maxRounds}: no limit while rounds converge. */
  public static final int WHILE_CONVERGING = Integer.MAX_VALUE;

  /** For {@code maxTime}: no limit. */
  public static final Duration ANY_TIME = Duration.ofDays(365);

  /** Hybrid: switchover after the first round. Precopy: a downtime limit of 300 ms, as in QEMU. */
  public static final PrecopySettings DEFAULT =
      new PrecopySettings(1, ANY_TIME, Duration.ofMillis(300), true);

  public PrecopySettings {
    if (maxRounds < 1) {
      throw new IllegalArgumentException(maxRounds + " rounds; choose 1 or more");
    }
    requirePositive("a precopy time limit", maxTime);
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
