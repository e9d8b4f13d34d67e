package io.faultline.cli.training;

import io.faultline.cli.terminal.CommandOutput;
import io.faultline.restore.frozen.WireRehearsal;
import io.faultline.restore.outcome.OnFailure;
import io.faultline.restore.rehearsal.RestoreRehearsal;
import io.faultline.restore.rehearsal.RestoreRehearsal.PagesFrom;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
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
  /** So many times that methods of the fault path are compiled, and have profiles. */
  private static final int TIMES = 15;

  private static final int FEW_TIMES = 2;
  private static final String LAZY_PAGES = "lazy-pages";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    try (CommandOutput output = new CommandOutput(spec.commandLine(), false)) {
      for (PagesFrom from : PagesFrom.values()) {
        report(output, RestoreRehearsal.run(from, OnFailure.ROLLBACK, TIMES));
      }
      report(output, RestoreRehearsal.run(PagesFrom.IMAGES, OnFailure.HOLD, FEW_TIMES));
      report(output, WireRehearsal.run());
      CommandLine lazyPages = Objects.requireNonNull(spec.root().subcommands().get(LAZY_PAGES));
      report(output, RehearsedCommand.run(lazyPages));
      return ExitCode.OK;
    }
  }

  private static void report(CommandOutput output, String problem) {
    if (!problem.isEmpty()) {
      output.message(problem);
    }
  }
}
