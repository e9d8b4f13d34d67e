package io.faultline.cli.bench.criu;

import java.time.Duration;

/**
 * The network between two hosts.
 *
 * @param delay one-way
 * @param bytesPerSecond in each direction; 0 for no limit
 */
public record LinkSpeed(Duration delay, long bytesPerSecond) {
  /** Both hosts connected directly. */
  public static final LinkSpeed DIRECT = new LinkSpeed(Duration.ZERO, 0);

  /** A link with a round trip of 10 ms. */
  public static LinkSpeed farGigabit() {
    return new LinkSpeed(Duration.ofMillis(5), 125_000_000);
  }

  /** Whether there is neither a delay nor a limit. */
  public boolean isDirect() {
    return delay.isZero() && bytesPerSecond == 0;
  }
}
