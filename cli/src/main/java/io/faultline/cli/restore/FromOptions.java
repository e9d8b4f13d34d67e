package io.faultline.cli.restore;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.OnOff;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.Hellos;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.security.Security;
import io.faultline.restore.remote.FaultlineOriginSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The page source of {@code lazy-pages --from}, and how pages come from it. */
@InGroup(OptionGroup.NETWORK)
final class FromOptions {
  static final String FROM = "--from";

  @Option(
      names = FROM,
      paramLabel = "HOST:PORT",
      description =
          "Get the pages from a \"faultline page-server --source\", which reads them from the"
              + " frozen processes.")
  private @Nullable HostPort from;

  @Option(
      names = "--channels",
      paramLabel = "N",
      description =
          "With --from: bulk connections, 1 to 16; more than one for links that limit each"
              + " connection (default: 1).")
  private @Nullable Integer channels;

  @Option(
      names = "--checksum",
      paramLabel = "on|off",
      description =
          "With --from: whether pages carry a checksum, to detect damage on the way (default: on).")
  private @Nullable OnOff checksum;

  /** The page source; null for another origin. */
  @Nullable HostPort from() {
    if (from == null && (channels != null || checksum != null)) {
      throw new UsageException("--channels and --checksum are for --from");
    }
    if (channels != null && (channels < 1 || channels > Hellos.MAX_CHANNELS)) {
      throw new UsageException(
          "--channels " + channels + ": choose 1 to " + Hellos.MAX_CHANNELS + " connections");
    }
    return from;
  }

  /**
   * How pages come from there.
   *
   * @param waits whether processes wait as long as the page source keeps its own
   */
  FaultlineOriginSettings settings(InetSocketAddress source, Security security, boolean waits) {
    FaultlineOriginSettings usual = new FaultlineOriginSettings(source, security);
    PeerTimeouts timeouts =
        waits ? new PeerTimeouts(usual.timeouts().silence(), Duration.ZERO) : usual.timeouts();
    return new FaultlineOriginSettings(
        source,
        security,
        checksum != OnOff.OFF,
        usual.compression(),
        channels == null ? usual.channels() : channels,
        timeouts);
  }
}
