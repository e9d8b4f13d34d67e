package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.Durations;
import io.faultline.cli.options.UsageException;
import io.faultline.proto.PeerTimeouts;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** When a node treats its peer as lost, and when it gives up. */
@InGroup(OptionGroup.RECOVERY)
final class TimeoutOptions {
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofHours(1);

  @Option(
      names = "--heartbeat",
      paramLabel = "TIME",
      defaultValue = "3s",
      description =
          "Silence after which the peer counts as lost, during postcopy: 100ms to 1h, or 0ms for"
              + " never (default: ${DEFAULT-VALUE}).")
  private Duration heartbeat = PeerTimeouts.DEFAULT.silence();

  @Option(
      names = "--give-up-after",
      paramLabel = "TIME",
      description =
          "End the migration when the peer stays lost for this long during postcopy, or memory at"
              + " the destination stays too short for the next page (default: never; demo: 1m).")
  private @Nullable Duration giveUpAfter;

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

  List<String> toArguments(Duration defaultGiveUpAfter) {
    Duration limit = giveUpAfter == null ? defaultGiveUpAfter : giveUpAfter;
    return List.of(
        "--heartbeat=" + Durations.format(heartbeat), "--give-up-after=" + Durations.format(limit));
  }
}
