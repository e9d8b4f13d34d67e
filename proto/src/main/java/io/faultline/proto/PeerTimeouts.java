package io.faultline.proto;

import java.time.Duration;

/**
 * How long a node waits for its peer.
 *
 * @param silence a peer that sends nothing for this long is treated as gone; at most an hour, zero
 *     for never
 * @param giveUpAfter how long to wait for a lost peer before giving up the migration; zero for no
 *     limit
 */
public record PeerTimeouts(Duration silence, Duration giveUpAfter) {
  private static final Duration MAX_SILENCE = Duration.ofHours(1);

  /** 100 MiB/s: memory that a hypervisor must allocate first is not much faster. */
  private static final long MIN_BYTES_PER_MILLI = (100 << 20) / 1000;

  /** Three seconds of silence, and never giving up. */
  public static final PeerTimeouts DEFAULT = new PeerTimeouts(Duration.ofSeconds(3), Duration.ZERO);

  public PeerTimeouts {
    if (silence.isNegative() || silence.compareTo(MAX_SILENCE) > 0 || giveUpAfter.isNegative()) {
      throw new IllegalArgumentException(
          "peer timeouts out of range: silence " + silence + ", give up after " + giveUpAfter);
    }
  }

  /**
   * The same timeouts for a peer that places pages of this size: while it places a whole page, it
   * sends nothing.
   */
  public PeerTimeouts withPages(long pageBytes) {
    if (silence.isZero()) {
      return this;
    }
    Duration longer = silence.plusMillis(pageBytes / MIN_BYTES_PER_MILLI);
    return new PeerTimeouts(longer.compareTo(MAX_SILENCE) > 0 ? MAX_SILENCE : longer, giveUpAfter);
  }

  /** The silence in milliseconds, as in a hello: at least 1, or 0 for never. */
  public int silenceMillis() {
    return silence.isZero() ? 0 : Math.toIntExact(Math.max(1, silence.toMillis()));
  }
}
