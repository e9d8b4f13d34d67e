package io.faultline.proto;

import java.time.Duration;

/**
 * How long a node waits for its peer.
 *
 * @param silence a peer that says nothing for so long is taken for gone, up to an hour; zero for
 *     never
 * @param giveUpAfter how long to wait for a lost peer before the migration is given up; zero for
 *     without limit
 * @param poison whether a VM that runs here is not stopped then, but only where it needs a page
 *     that has not come; a source does not ask
 */
public record Patience(Duration silence, Duration giveUpAfter, boolean poison) {
  private static final Duration LONGEST = Duration.ofHours(1);

  /** Three seconds of silence, and no giving up. */
  public static final Patience DEFAULT = new Patience(Duration.ofSeconds(3), Duration.ZERO);

  /** A VM that lacks pages is stopped. */
  public Patience(Duration silence, Duration giveUpAfter) {
    this(silence, giveUpAfter, false);
  }

  public Patience {
    if (silence.isNegative() || silence.compareTo(LONGEST) > 0 || giveUpAfter.isNegative()) {
      throw new IllegalArgumentException("patience of " + silence + " and " + giveUpAfter);
    }
  }

  /** In milliseconds, as a hello tells it; at least 1 unless it is never. */
  public int silenceMillis() {
    return silence.isZero() ? 0 : Math.toIntExact(Math.max(1, silence.toMillis()));
  }
}
