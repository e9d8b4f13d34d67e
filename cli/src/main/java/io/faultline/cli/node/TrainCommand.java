package io.faultline.cli.node;

import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.engine.Engines;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * What the launcher records the AOT cache from: small migrations of every kind, in this JVM. From
 * them a JVM takes the classes that nodes need, and which of their methods to compile how.
 */
@Command(
    name = "train",
    hidden = true,
    description = {"Runs what the AOT cache is to know."})
public final class TrainCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    CommandLine line = spec.commandLine();
    Kernel kernel = Engines.open(EngineChoice.AUTO, new Console(line)::say);
    NodeRehearsal.runAll(kernel, LIMIT);
    return ExitCode.OK;
  }
}
