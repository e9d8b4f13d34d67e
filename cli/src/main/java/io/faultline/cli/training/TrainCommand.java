package io.faultline.cli.training;

import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
import io.faultline.cli.rehearsal.NodeRehearsal;
import io.faultline.cli.snapshot.SnapshotRehearsal;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.dest.DestinationSettings;
import io.faultline.qemu.vm.SwitchoverRehearsal;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * The hidden command {@code train}, from which the launcher records the AOT cache: small migrations
 * of every kind in this JVM. The cache then holds the classes that nodes need, and profiles of
 * their methods.
 */
@Command(
    name = "train",
    hidden = true,
    description = {"Run small migrations to record the AOT cache from"})
public final class TrainCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (CommandOutput output = new CommandOutput(spec.commandLine(), false)) {
      Kernel kernel = Engines.open(EngineChoice.AUTO, output::message);
      NodeRehearsal.runAll(kernel, LIMIT);
      SnapshotRehearsal.tryRun(kernel, DestinationSettings.DEFAULT, LIMIT, output::message);
      SwitchoverRehearsal.tryRun(output::message);
      return ExitCode.OK;
    }
  }
}
