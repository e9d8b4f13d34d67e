package io.faultline.cli.restore;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.restore.frozen.FrozenSourceSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which processes {@code page-server --source} serves, and how. */
@InGroup(OptionGroup.NETWORK)
final class SourceOptions {
  @Option(
      names = "--source",
      description =
          "Serve the memory of the processes below --tree, which a lazy dump of CRIU at --address"
              + " and --port has frozen or will freeze, and end that dump.")
  private boolean servesProcesses;

  @Option(
      names = {"-t", "--tree"},
      paramLabel = "PID",
      description = "With --source: the process that is dumped, with its descendants.")
  private int tree;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "With --source: where lazy-pages --from connects to.")
  private @Nullable HostPort listen;

  @Option(
      names = "--compression",
      paramLabel = "HOW",
      description =
          "With --source: compression of pages that no thread waits for: none, lz4, zstd, or auto:"
              + " by the speed of the link and of the compressor (default: auto).")
  private @Nullable CompressionMode compression;

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      description =
          "With --source: how long lazy-pages may be gone before the processes continue here, such"
              + " as 10m; 0s: they stay frozen (default: 60s).")
  private @Nullable Duration lease;

  boolean servesProcesses() {
    return servesProcesses;
  }

  /**
   * The root of the processes.
   *
   * @throws UsageException without {@code --tree}
   */
  int tree() {
    if (tree < 1) {
      throw missing();
    }
    return tree;
  }

  /**
   * Where to listen.
   *
   * @throws UsageException without {@code --listen}
   */
  HostPort listen() {
    if (listen == null) {
      throw missing();
    }
    return listen;
  }

  static UsageException missing() {
    return new UsageException(
        "--source needs --tree PID, --listen HOST:PORT, and the --address and --port of the dump");
  }

  CompressionMode compression() {
    return compression == null ? CompressionMode.AUTO : compression;
  }

  PeerTimeouts timeouts() {
    Duration silence = PeerTimeouts.DEFAULT.silence();
    return new PeerTimeouts(silence, lease == null ? FrozenSourceSettings.DEFAULT_LEASE : lease);
  }

  /**
   * Checks that nothing was given that needs {@code --source}.
   *
   * @throws UsageException otherwise
   */
  void requireNone() {
    if (tree != 0 || listen != null || compression != null || lease != null) {
      throw new UsageException("--tree, --listen, --compression and --lease are for --source");
    }
  }
}
