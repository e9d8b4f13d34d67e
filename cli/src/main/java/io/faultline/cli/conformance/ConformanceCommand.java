package io.faultline.cli.conformance;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline conformance}: userfaultfd's behaviour on the real and the simulated kernel. */
@Command(
    name = "conformance",
    description = {
      "Check userfaultfd on the Linux and on the simulated kernel.",
      "Prints a matrix: a row for each case, a column for each kind of memory."
    },
    footer = {
      "",
      "Exit codes: 0 no failure and no difference, 1 otherwise, 2 wrong use, 3 result elsewhere."
    })
public final class ConformanceCommand implements Callable<Integer> {
  /** Values of {@code --engine} here. */
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
      description = "What to check: kernel, simulated, or both (default: ${DEFAULT-VALUE}).")
  private Engine engine = Engine.BOTH;

  @Option(
      names = "--only",
      paramLabel = "PART",
      defaultValue = "",
      description = "Run only the cases whose name contains PART.")
  private String only = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of everything random (default: random, printed).")
  private @Nullable Long seed;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the result to FILE, as one JSON object.")
  private @Nullable Path json;

  @Override
  public Integer call() {
    long chosen = seed == null ? System.nanoTime() : seed;
    return new ConformanceRun(spec.commandLine(), chosen, only)
        .run(engine != Engine.SIMULATED, engine != Engine.KERNEL, json);
  }
}
