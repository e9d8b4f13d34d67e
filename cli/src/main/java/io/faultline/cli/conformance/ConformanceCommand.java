package io.faultline.cli.conformance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline conformance}. Exit code 1 on any failure or any difference. */
@Command(
    name = "conformance",
    description = {
      "Holds the Linux kernel and the simulated one to what userfaultfd is known to do."
    },
    footer = {"", "Exit codes: 0 no failure and no difference, 1 some, 2 wrong use."})
public final class ConformanceCommand implements Callable<Integer> {
  /** What {@code --engine} can say here. */
  enum Engine {
    KERNEL,
    SIMULATED,
    BOTH
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      defaultValue = "both",
      description = "kernel, simulated or both (default: ${DEFAULT-VALUE}).")
  private Engine engine = Engine.BOTH;

  @Option(
      names = "--only",
      paramLabel = "PART",
      defaultValue = "",
      description = "Only the cases whose name contains this.")
  private String only = "";

  @Option(names = "--seed", paramLabel = "N", description = "Seed (default: random, printed).")
  private @Nullable Long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the result there, as JSON.")
  private @Nullable Path json;

  @Override
  public Integer call() throws IOException {
    long chosen = seed == null ? System.nanoTime() : seed;
    boolean good =
        new ConformanceRun(spec.commandLine().getOut(), chosen, only)
            .run(engine != Engine.SIMULATED, engine != Engine.KERNEL, json);
    return good ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
