package io.faultline.cli.snapshot;

import io.faultline.cli.engine.EngineOption;
import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.memory.Backing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code faultline restore FILE}: runs the VM of a snapshot at once, and verifies it. */
@Command(
    name = "restore",
    description = {
      "Run the VM of a snapshot while its memory follows; verify it.",
      "It runs at once. The file is not changed: any number of VMs may be restored from it, also at"
          + " once."
    },
    footer = {
      "",
      "Exit codes: 0 restored and verified, 1 failed, 2 wrong use, 3 result elsewhere."
    })
@InGroup(OptionGroup.VM)
public final class RestoreCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FILE", description = "The snapshot.")
  private Path file = Path.of("");

  @Option(
      names = "--run-on",
      paramLabel = "TIME",
      defaultValue = "300ms",
      description =
          "How long a VM without --ops runs once all of its memory is there (default:"
              + " ${DEFAULT-VALUE}).")
  private Duration runOn = Duration.ZERO;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--backing",
      paramLabel = "KIND",
      description = "What guest memory is made of here (default: as when it was saved).")
  private @Nullable Backing backing;

  @InGroup(OptionGroup.MEMORY)
  @Option(
      names = "--overcommit",
      description =
          "Restore the VM even if the limits of this machine, of its cgroups and of this process"
              + " leave too little memory for it.")
  private boolean overcommit;

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = OutputOptions.JSON,
      paramLabel = "FILE",
      description = "Write the result to FILE, as one JSON object.")
  private @Nullable Path json;

  @InGroup(OptionGroup.OUTPUT)
  @Option(
      names = "--quiet",
      description = "Print errors only: no summary, remarks or guest console.")
  private boolean quiet;

  @Mixin private EngineOption engine = new EngineOption();

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (CommandOutput output = new CommandOutput(spec.commandLine(), quiet)) {
      return new RestoreRun(engine.choice(), output, backing, overcommit, runOn).run(file, json);
    }
  }
}
