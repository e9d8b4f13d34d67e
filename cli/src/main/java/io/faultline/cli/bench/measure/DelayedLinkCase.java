package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.process.LocalMigration;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A migration over a {@link DelayedLink}.
 *
 * @param direct the same migration without the delay
 */
public record DelayedLinkCase(MigrationCase direct) implements BenchCase {
  /** One-way: half of a round trip across a continent. */
  static final Duration DELAY = Duration.ofMillis(25);

  /** Limits one connection to 20 MiB/s, so that several are not limited by the CPUs. */
  static final int WINDOW_BYTES = 1 << 20;

  @Override
  public String name() {
    return direct.name();
  }

  @Override
  public ResultTable table() {
    return direct.table();
  }

  @Override
  public String title() {
    return direct.title();
  }

  @Override
  public String command() {
    return direct.command()
        + " # over a link with 25 ms one-way delay and a window of 1 MiB per connection";
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    DelayedRoute route = new DelayedRoute();
    try (route) {
      return direct.run(round, route);
    }
  }

  /** Creates the link once the destination's address is known. */
  private static final class DelayedRoute implements LocalMigration.Route, AutoCloseable {
    private @Nullable DelayedLink link;

    @Override
    public String to(String address) throws IOException {
      DelayedLink created = new DelayedLink(HostPort.parse(address).resolve(), DELAY, WINDOW_BYTES);
      link = created;
      return HostPort.of(created.address()).toString();
    }

    @Override
    public void close() throws IOException {
      if (link != null) {
        link.close();
      }
    }
  }
}
