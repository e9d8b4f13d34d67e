package io.faultline.cli.node;

import io.faultline.cli.options.Durations;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Whether a node rehearses, and how long. */
final class RehearsalOption {
  @Option(
      names = "--rehearsal",
      paramLabel = "TIME",
      defaultValue = "3s",
      description =
          "How long at most each node migrates small VMs to itself first, so that its code is"
              + " compiled when the real one is paused; 0ms for not at all"
              + " (default: ${DEFAULT-VALUE}).")
  private Duration limit = Duration.ZERO;

  /** Rehearses; a failure is told, and is none of the migration's. */
  void run(Kernel kernel, Console console) throws InterruptedException {
    if (limit.isZero()) {
      return;
    }
    try {
      NodeRehearsal.run(kernel, limit);
    } catch (IOException | RuntimeException e) {
      console.say("goes on without a rehearsal: " + e.getMessage());
    }
  }

  /** The same option as an argument for another process. */
  String toArgument() {
    return "--rehearsal=" + Durations.format(limit);
  }
}
