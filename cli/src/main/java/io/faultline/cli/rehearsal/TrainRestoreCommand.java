package io.faultline.cli.rehearsal;

import io.faultline.cli.terminal.CommandOutput;
import io.faultline.restore.RestoreRehearsal;
import io.faultline.restore.frozen.WireRehearsal;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The hidden command {@code train-restore}, from which the launcher records the AOT cache of {@code
 * lazy-pages} and {@code page-server}.
 */
@Command(
    name = "train-restore",
    hidden = true,
    description = {"Restore made-up processes to record the AOT cache from"})
public final class TrainRestoreCommand implements Callable<Integer> {
  private static final int TIMES = 30;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    try (CommandOutput output = new CommandOutput(spec.commandLine(), false)) {
      for (String problem : List.of(RestoreRehearsal.run(TIMES), WireRehearsal.run())) {
        if (!problem.isEmpty()) {
          output.message(problem);
        }
      }
      return ExitCode.OK;
    }
  }
}
