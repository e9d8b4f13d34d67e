package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.terminal.CommandOutput;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where {@code source} and {@code dest} publish their meters. */
@InGroup(OptionGroup.OUTPUT)
public final class MetricsOptions {
  private static final Duration LINGER = Duration.ofSeconds(15);

  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description = "Serve Prometheus metrics at http://HOST:PORT/metrics while the node runs.")
  private @Nullable HostPort address;

  @Option(
      names = "--metrics-linger",
      paramLabel = "TIME",
      description =
          "How long --metrics serves the final values after the end; 0ms to end at once"
              + " (default: 15s).")
  private @Nullable Duration linger;

  @Option(
      names = "--metrics-push",
      paramLabel = "URL",
      description =
          "Push metrics to the Prometheus Pushgateway at http://HOST:PORT, each second and at the"
              + " end.")
  private @Nullable URI gateway;

  /**
   * Starts to publish meters, or to drop them if the user wants none.
   *
   * @throws UsageException if options do not fit together, or the address cannot be bound
   */
  public Metrics open(CommandOutput output) {
    if (linger != null && address == null) {
      throw new UsageException("--metrics-linger needs --metrics; add it or leave this out");
    }
    if (gateway != null && !isUrlOfGateway(gateway)) {
      throw new UsageException(
          "--metrics-push: '" + gateway + "' is not a URL such as http://gateway:9091");
    }
    return Metrics.open(address, linger == null ? LINGER : linger, gateway, output);
  }

  private static boolean isUrlOfGateway(URI uri) {
    return uri.getHost() != null
        && ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()))
        && uri.getQuery() == null
        && uri.getFragment() == null;
  }
}
