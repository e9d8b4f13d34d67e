package io.faultline.cli.node;

import io.faultline.proto.Polling;
import picocli.CommandLine.Option;

/** How urgent loops wait. */
final class PollOption {
  @Option(
      names = "--poll",
      paramLabel = "HOW",
      defaultValue = "block",
      description =
          "How the loop for urgent pages waits: spin (takes a processor), block (sleeps), adaptive"
              + " (spins for a round trip, then sleeps) (default: ${DEFAULT-VALUE}).")
  private Polling polling = Polling.BLOCK;

  Polling polling() {
    return polling;
  }

  /** The same option as an argument for another process. */
  String toArgument() {
    return "--poll=" + polling;
  }
}
