package io.faultline.demo.node;

import io.faultline.demo.options.HostPort;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What both nodes can be told. */
final class NodeOptions {
  @Option(names = "--json", paramLabel = "FILE", description = "Write the result there, as JSON.")
  @Nullable Path json;

  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description = "Serve Prometheus text there, at /metrics, while this runs.")
  @Nullable HostPort metrics;

  @Option(names = "--quiet", description = "Print neither progress nor summary.")
  boolean quiet;
}
