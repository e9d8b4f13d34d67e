package io.faultline.cli.snapshot;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.status.StateOption;
import io.faultline.cli.terminal.CommandOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code faultline snapshot FILE}: saves a VM that runs, while it runs. */
@Command(
    name = "snapshot",
    description = {
      "Save a running VM to a file, while it runs.",
      "The VM of a source or destination node that does not migrate, or the guest of a QEMU. It is"
          + " paused for",
      "milliseconds. The file has its name once it is complete and durable."
    },
    footer = {"", "Exit codes: 0 saved, 1 refused or failed, 2 wrong use, 3 result elsewhere."})
@InGroup(OptionGroup.VM)
public final class SnapshotCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "The snapshot to write.")
  private Path file = Path.of("");

  @Option(
      names = "--control",
      paramLabel = "SOCKET",
      description =
          "The control socket of the node: PID.control in its --state directory (default: that of"
              + " the only node of this machine).")
  private @Nullable Path control;

  @Option(
      names = "--qmp",
      paramLabel = "SOCKET",
      description = "The monitor of a running QEMU, whose guest is saved without a node.")
  private @Nullable Path qmp;

  @InGroup(OptionGroup.OUTPUT)
  @Option(names = "--replace", description = "Replace FILE if it exists.")
  private boolean replace;

  @Mixin private StateOption state = new StateOption();

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = OutputOptions.JSON,
      paramLabel = "FILE",
      description = "Write the result to FILE, as one JSON object.")
  private @Nullable Path json;

  @InGroup(OptionGroup.OUTPUT)
  @Option(names = "--quiet", description = "Print errors only.")
  private boolean quiet;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (control != null && qmp != null) {
      throw new UsageException(
          "--control is the VM of a node, --qmp the guest of a QEMU: leave out one of them");
    }
    try (CommandOutput output = new CommandOutput(spec.commandLine(), quiet);
        ResultOutput results = new ResultOutput(output::message, state.chosen())) {
      results.open(OutputOptions.JSON, json);
      SnapshotRun run = new SnapshotRun(file.toAbsolutePath().normalize(), replace, output);
      return qmp == null ? run.ofNode(control, state, results) : run.ofQemu(qmp, results);
    }
  }
}
