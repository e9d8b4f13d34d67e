package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.OnOff;
import io.faultline.cli.options.UsageException;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.Hellos;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.source.WireSettings;
import io.faultline.uffd.PageSize;
import java.util.List;
import picocli.CommandLine.Option;

/** How pages are sent. */
@InGroup(OptionGroup.NETWORK)
final class WireOptions {
  @Option(
      names = "--channels",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Bulk connections, 1 to 16; more than one for links that limit each connection"
              + " (default: ${DEFAULT-VALUE}).")
  private int channels = 1;

  @Option(
      names = "--compression",
      paramLabel = "HOW",
      defaultValue = "auto",
      description =
          "Compression of bulk data: none, lz4, zstd, or auto: by the speed of the link and of the"
              + " compressor (default: ${DEFAULT-VALUE}).")
  private CompressionMode compression = CompressionMode.AUTO;

  @Option(
      names = "--checksum",
      paramLabel = "on|off",
      defaultValue = "on",
      description =
          "Whether pages carry a checksum, to detect damage on the way"
              + " (default: ${DEFAULT-VALUE}).")
  private OnOff checksum = OnOff.ON;

  /**
   * Checks that the options can work together.
   *
   * @throws UsageException if they cannot; the message has the reason and the remedy
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
              + " with pages of 1 GiB and --place copy: each connection would assemble a page of"
              + " its own; leave --channels out, or use --place continue");
    }
  }

  /** The number of bulk connections. */
  int channels() {
    return channels;
  }

  CompressionMode compression() {
    return compression;
  }

  WireSettings settings() {
    return new WireSettings(compression, checksum == OnOff.ON, channels);
  }

  List<String> toArguments() {
    return List.of(
        "--compression=" + compression, "--checksum=" + checksum, "--channels=" + channels);
  }
}
