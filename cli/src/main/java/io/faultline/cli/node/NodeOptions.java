package io.faultline.cli.node;

import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.status.StateOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What both nodes can be told. */
final class NodeOptions {
  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      defaultValue = "auto",
      description =
          "Whose userfaultfd: kernel, simulated, or auto for the kernel's where it is allowed"
              + " (default: ${DEFAULT-VALUE}).")
  EngineChoice engine = EngineChoice.AUTO;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result there, as JSON.")
  @Nullable Path json;

  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description = "Serve Prometheus text there, at /metrics, while this runs.")
  @Nullable HostPort metrics;

  @Option(
      names = "--quiet",
      description = "Print neither progress nor summary nor the guest's console.")
  boolean quiet;

  @Option(
      names = "--guest-console",
      hidden = true,
      description = "Show the guest's console in spite of --quiet.")
  private boolean guestConsole;

  @Mixin StateOption state = new StateOption();
  @Mixin RehearsalOption rehearsal = new RehearsalOption();
  @Mixin PollOption poll = new PollOption();
  @Mixin TimeoutOptions timeouts = new TimeoutOptions();
  @Mixin SecurityOptions security = new SecurityOptions();

  /** Whether what the guest writes to its console is shown. */
  boolean showsGuestConsole() {
    return guestConsole || !quiet;
  }
}
