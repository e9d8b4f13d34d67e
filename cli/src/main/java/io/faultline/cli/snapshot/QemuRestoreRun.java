package io.faultline.cli.snapshot;

import io.faultline.cli.dest.DestinationQemu;
import io.faultline.cli.dest.QemuChoice;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.status.StateDirectory;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.qemu.vm.QemuDestination;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline restore} of the guest of a QEMU, which continues in a QEMU. */
final class QemuRestoreRun {
  private final LinuxKernel kernel;
  private final RestoreRun restore;
  private final CommandOutput output;

  /**
   * @param restore how, with the same kernel
   */
  QemuRestoreRun(LinuxKernel kernel, RestoreRun restore, CommandOutput output) {
    this.kernel = kernel;
    this.restore = restore;
    this.output = output;
  }

  /** Restores the guest, and returns the exit code. A QEMU that got no guest ends. */
  int run(QemuChoice choice, ResultOutput results) throws IOException, InterruptedException {
    try (DestinationQemu qemu = DestinationQemu.open(choice, StateDirectory.of(null));
        QemuDestination vm = QemuDestination.of(kernel, qemu.monitor(), output::message)) {
      if (qemu.started() != null) {
        output.message("started " + qemu);
      }
      ObjectNode result = restore.restoreTo(vm);
      result.put("vm", "qemu");
      results.write(OutputOptions.JSON, () -> ResultFile.text(result));
      boolean completed = result.path("status").asString("").equals("completed");
      if (completed) {
        qemu.keep();
        output.remark("the guest runs here, and all of its memory is there: " + qemu);
      } else {
        output.message(result.path("error").asString("the guest could not be restored"));
      }
      return results.exitCode(completed ? ExitCode.OK : ExitCode.SOFTWARE);
    } catch (SnapshotException e) {
      output.message(String.valueOf(e.getMessage()));
      return ExitCode.SOFTWARE;
    }
  }
}
