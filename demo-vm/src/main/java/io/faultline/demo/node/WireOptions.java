package io.faultline.demo.node;

import io.faultline.demo.options.OnOff;
import io.faultline.source.CompressionMode;
import io.faultline.source.WireSettings;
import java.util.List;
import picocli.CommandLine.Option;

/** How pages travel. */
final class WireOptions {
  @Option(
      names = "--compression",
      paramLabel = "HOW",
      defaultValue = "auto",
      description =
          "How memory that nobody waits for is compressed: auto (by what the link and the processor"
              + " allow), none, lz4, zstd (default: ${DEFAULT-VALUE}).")
  private CompressionMode compression = CompressionMode.AUTO;

  @Option(
      names = "--checksum",
      paramLabel = "on|off",
      defaultValue = "on",
      description =
          "Whether pages carry a checksum, so that damage on their way is noticed"
              + " (default: ${DEFAULT-VALUE}).")
  private OnOff checksum = OnOff.ON;

  /** For the source node. */
  WireSettings settings() {
    return new WireSettings(compression, checksum == OnOff.ON);
  }

  /** The same options as arguments for another process. */
  List<String> toArguments() {
    return List.of("--compression=" + compression, "--checksum=" + checksum);
  }
}
