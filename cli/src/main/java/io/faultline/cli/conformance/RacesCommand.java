package io.faultline.cli.conformance;

import io.faultline.uffd.races.Races;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code faultline races}: the races between placing a page and reading its fault. */
@Command(
    name = "races",
    description = {
      "Replay the races between placing a page and reading its fault.",
      "Step by step on the simulated kernel, then in all interleavings."
    },
    footer = {"", "Exit codes: 0 every outcome is as expected, 1 one is not."})
public final class RacesCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    boolean asExpected = Races.run(out);
    out.flush();
    return asExpected ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
