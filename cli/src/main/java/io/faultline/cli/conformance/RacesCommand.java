package io.faultline.cli.conformance;

import io.faultline.uffd.races.Races;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code faultline races}. Exit code 0 if all came out as it should, else 1. */
@Command(
    name = "races",
    description = {"Tells the races between placing a page and reading its fault, as they happen."},
    footer = {"", "Exit codes: 0 all came out as it should, 1 it did not."})
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
