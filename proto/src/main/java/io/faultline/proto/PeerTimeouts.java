package io.faultline.proto;

import java.time.Duration;

/**
 * How long a node waits for its peer.
 *
 * @param silence a peer that says nothing for so long is taken for gone, up to an hour; zero for
 *     never
 * @param giveUpAfter how long to wait for a lost peer before the migration is given up; zero for
 *     without limit
 */
public record PeerTimeouts(Duration silence, Duration giveUpAfter) {
  private static final Duration LONGEST = Duration.ofHours(1);

  /** 100 MiB a second: memory that a hypervisor has to find first is not much faster. */
  private static final long SLOWEST_BYTES_PER_MILLI = (100 << 20) / 1000;

  /** Three seconds of silence, and no giving up. */
  public static final PeerTimeouts DEFAULT = new PeerTimeouts(Duration.ofSeconds(3), Duration.ZERO);

  public PeerTimeouts {
    if (silence.isNegative() || silence.compareTo(LONGEST) > 0 || giveUpAfter.isNegative()) {
      throw new IllegalArgumentException("patience of " + silence + " and " + giveUpAfter);
    }
  }

  /**
   * The same towards a peer that places pages of such a size: while it places one whole, it says
   * nothing.
   */
  public PeerTimeouts withPages(long pageBytes) {
    if (silence.isZero()) {
      return this;
    }
    Duration longer = silence.plusMillis(pageBytes / SLOWEST_BYTES_PER_MILLI);
    return new PeerTimeouts(longer.compareTo(LONGEST) > 0 ? LONGEST : longer, giveUpAfter);
  }

  /** In milliseconds, as a hello tells it; at least 1 unless it is never. */
  public int silenceMillis() {
    return silence.isZero() ? 0 : Math.toIntExact(Math.max(1, silence.toMillis()));
  }
}
