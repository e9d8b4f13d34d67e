package io.faultline.cli.node;

import io.faultline.cli.options.Durations;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.PeerTimeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long to wait for the other end. */
final class TimeoutOptions {
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(1);

  @Option(
      names = "--heartbeat",
      paramLabel = "TIME",
      defaultValue = "3s",
      description =
          "Behind the handover, take the other end for lost after so much silence; 0ms for never"
              + " (default: ${DEFAULT-VALUE}).")
  private Duration heartbeat = PeerTimeouts.DEFAULT.silence();

  @Option(
      names = "--give-up-after",
      paramLabel = "TIME",
      description =
          "Give the migration up when the other end was lost for so long (default: never).")
  private @Nullable Duration giveUpAfter;

  /** What the options say. */
  PeerTimeouts timeouts() {
    if (!heartbeat.isZero()
        && (heartbeat.compareTo(SHORTEST) < 0 || heartbeat.compareTo(LONGEST) > 0)) {
      throw new UsageException(
          "--heartbeat of "
              + Durations.format(heartbeat)
              + ": give 100ms to 1h, or 0ms for no heartbeats");
    }
    return new PeerTimeouts(heartbeat, giveUpAfter == null ? Duration.ZERO : giveUpAfter);
  }

  /**
   * The same options as arguments for another process.
   *
   * @param otherwise when to give up where that was not said
   */
  List<String> toArguments(Duration otherwise) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--heartbeat=" + Durations.format(heartbeat));
    Duration limit = giveUpAfter == null ? otherwise : giveUpAfter;
    arguments.add("--give-up-after=" + Durations.format(limit));
    return arguments;
  }
}
