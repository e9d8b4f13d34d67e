package io.faultline.cli.node;

import io.faultline.cli.options.OnOff;
import io.faultline.cli.options.UsageException;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.Hellos;
import io.faultline.source.WireSettings;
import io.faultline.source.compression.CompressionMode;
import io.faultline.uffd.PageSize;
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

  @Option(
      names = "--channels",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "How many connections carry memory that nobody waits for, 1 to 16: more than one for"
              + " links that do not give all they have to one (default: ${DEFAULT-VALUE}).")
  private int channels = 1;

  /**
   * Refuses what cannot be.
   *
   * @throws UsageException with the reason and the remedy
   */
  void check(Backing backing, Placement placement) {
    if (channels < 1 || channels > Hellos.MAX_CHANNELS) {
      throw new UsageException(
          "--channels " + channels + ": choose 1 to " + Hellos.MAX_CHANNELS + " connections");
    }
    if (channels > 1 && placement == Placement.COPY && backing.pageSize() == PageSize.HUGE_1G) {
      throw new UsageException(
          "--channels "
              + channels
              + " with pages of 1 GiB and --place copy: each connection would put a page of its"
              + " own together; leave --channels out, or use --place continue");
    }
  }

  /** How many bulk connections. */
  int channels() {
    return channels;
  }

  /** For the source node. */
  WireSettings settings() {
    return new WireSettings(compression, checksum == OnOff.ON, channels);
  }

  /** The same options as arguments for another process. */
  List<String> toArguments() {
    return List.of(
        "--compression=" + compression, "--checksum=" + checksum, "--channels=" + channels);
  }
}
