package io.faultline.cli.doctor;

import io.faultline.cli.terminal.Terminal;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline doctor}. Exit code 0 if the demo can run, else 1. */
@Command(
    name = "doctor",
    description = {
      "Tells what this machine allows, what is missing, and the command that fixes it."
    },
    footer = {"", "Exit codes: 0 the demo can run, 1 it cannot."})
public final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "Write JSON instead of text.")
  private boolean json;

  @Override
  public Integer call() {
    Diagnosis diagnosis = Diagnosis.ofThisMachine();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonReport.of(diagnosis));
    } else {
      new TextReport(out, Terminal.hasColours()).print(diagnosis);
    }
    out.flush();
    return diagnosis.demoWorks() ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
