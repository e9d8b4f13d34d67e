package io.faultline.cli.firecracker;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.restore.firecracker.HandlerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline uffd-handler}: page faults of microVMs that Firecracker restores. */
@Command(
    name = "uffd-handler",
    description = {
      "Fill the memory of Firecracker's microVMs on demand.",
      "It comes from the memory file of a snapshot. Firecracker connects when it loads the snapshot"
          + " with a mem_backend of type Uffd; see docs/firecracker.md. Any number of VMs, one"
          + " after the other or at once, each with a thread of its own."
    },
    footer = {"", "Exit codes: 0 ended by a signal, 1 failed, 2 wrong use."})
public final class UffdHandlerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @InGroup(OptionGroup.NETWORK)
  @Option(
      names = "--socket",
      paramLabel = "PATH",
      required = true,
      description = "Unix socket to listen on, Firecracker's backend_path; it is created.")
  private Path socket = Path.of("");

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--memory",
      paramLabel = "FILE",
      required = true,
      description = "Memory file of the snapshot, Firecracker's mem_file_path. It must not change.")
  private Path memory = Path.of("");

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--no-background",
      description =
          "Fill only what faults ask for (default: the rest follows when there are no faults, and"
              + " then the VM needs no handler any more).")
  private boolean noBackground;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--no-working-set",
      description =
          "Neither record the pages that VMs fault on in FILE.ws nor fill those first (default:"
              + " both).")
  private boolean noWorkingSet;

  @InGroup(OptionGroup.RECOVERY)
  @Option(
      names = "--hold",
      paramLabel = "DIR",
      description =
          "Leave VMs waiting if this process ends or is killed; another one with the same DIR takes"
              + " over (default: VMs that still need it are killed).")
  private @Nullable Path hold;

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Write what it has done to FILE at its end, as one JSON object (default: none).")
  private @Nullable Path json;

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = "--quiet",
      description = "Print errors only: no message when a VM comes or leaves.")
  private boolean quiet;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (CommandOutput output = new CommandOutput(spec.commandLine(), quiet)) {
      HandlerSettings settings =
          new HandlerSettings(socket, memory, hold, !noBackground, !noWorkingSet);
      new UffdHandlerRun(settings, json, output).run();
    }
    return ExitCode.OK;
  }
}
