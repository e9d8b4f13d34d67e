package io.faultline.cli.doctor;

import io.faultline.cli.terminal.Terminal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code faultline doctor}: what this machine permits. */
@Command(
    name = "doctor",
    description = {
      "Check this machine, with the command for each missing part.",
      "Changes nothing, and needs no privilege."
    },
    footer = {
      "",
      "Exit codes: 0 the demo can run, 1 it cannot. With --qmp: 0 if that guest can be moved, too."
    })
public final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "Print JSON instead of text.")
  private boolean json;

  @Option(
      names = "--qmp",
      paramLabel = "SOCKET",
      description =
          "Check also whether the guest of the running QEMU with this QMP monitor can be moved.")
  private @Nullable Path qmp;

  @Override
  public Integer call() throws InterruptedException {
    Diagnosis diagnosis = Diagnosis.ofThisMachine();
    if (qmp != null) {
      diagnosis = diagnosis.with(QemuSection.of(qmp));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(JsonReport.of(diagnosis));
    } else {
      new TextReport(out, Terminal.hasColours()).print(diagnosis);
    }
    out.flush();
    return diagnosis.isPositive() ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
