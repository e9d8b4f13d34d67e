package io.faultline.cli.bench;

import io.faultline.cli.options.HostPort;
import io.faultline.cli.process.LocalMigration;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A migration to a destination that is far away, over a {@link DelayedLink}.
 *
 * @param near the same to one that is near
 */
record DelayedLinkCase(MigrationCase near) implements BenchCase {
  /** Half of a round trip across a continent. */
  static final Duration DELAY = Duration.ofMillis(25);

  /** So little that one connection carries 20 MiB/s, and processors are not what limits several. */
  static final int WINDOW_BYTES = 1 << 20;

  @Override
  public String name() {
    return near.name();
  }

  @Override
  public Figure figure() {
    return near.figure();
  }

  @Override
  public String title() {
    return near.title();
  }

  @Override
  public String command() {
    return near.command() + " # over a link of 25 ms with a window of 1 MiB for each connection";
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    Way way = new Way();
    try (way) {
      return near.run(round, way);
    }
  }

  /** The link, which is made once the destination's address is known. */
  private static final class Way implements LocalMigration.Route, AutoCloseable {
    private @Nullable DelayedLink made;

    @Override
    public String to(String address) throws IOException {
      DelayedLink link = new DelayedLink(HostPort.parse(address).resolve(), DELAY, WINDOW_BYTES);
      made = link;
      return HostPort.of(link.address()).toString();
    }

    @Override
    public void close() throws IOException {
      if (made != null) {
        made.close();
      }
    }
  }
}
