package io.faultline.cli.dest;

import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.qemu.QemuMonitor;
import io.faultline.cli.status.TakeOverFiles;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.takeover.SurvivingState;
import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.proto.security.Security;
import io.faultline.qemu.vm.TakenOverQemu;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/**
 * One run of {@code faultline dest --take-over}: goes on with the migration of a destination node
 * that was killed, whose guest is in a QEMU.
 */
final class QemuTakeOverRun {
  private final NodeOptions node;
  private final CommandOutput output;
  private final QemuDestRun run;

  QemuTakeOverRun(NodeOptions node, CommandOutput output, QemuDestRun run) {
    this.node = node;
    this.output = output;
    this.run = run;
  }

  /**
   * Takes over, waits for the end, and returns the exit code. QEMU continues.
   *
   * @param digits the first digits of the migration's id
   * @param listen where the source reconnects; null for where the other node listened
   */
  int run(String digits, @Nullable HostPort listen) throws IOException, InterruptedException {
    TakeOverFiles files = TakeOverFiles.find(node.stateDirectory(), digits);
    TakeOverRecord record = TakeOverRecord.read(files.record());
    MachineRun.current().requireSame(record.machine(), files.record());
    HostPort at = listen == null ? HostPort.parse(record.listen()) : listen;
    InetSocketAddress address = at.resolve("--listen");
    Security security = node.common().security("dest", "--listen", List.of(address));
    try (Metrics metrics = node.openMetrics(output);
        ResultOutput results = node.openResults(output::message)) {
      LinuxKernel kernel = QemuMonitor.kernel(node.engine());
      try (QemuTakeOver left = QemuTakeOver.open(kernel, files, record, output::message)) {
        if (left == null) {
          files.delete();
          output.message(name(record) + ", has ended, and the guest with it");
          return metrics.ended(ExitCode.SOFTWARE);
        }
        if (SurvivingState.stageIn(files.state()) == TakeOverStage.RECEIVING) {
          return metrics.ended(giveUp(left, record));
        }
        return metrics.ended(run(kernel, left, record, metrics, address, security, results));
      }
    }
  }

  private int run(
      LinuxKernel kernel,
      QemuTakeOver left,
      TakeOverRecord record,
      Metrics metrics,
      InetSocketAddress address,
      Security security,
      ResultOutput results)
      throws IOException {
    TakenOverQemu vm = left.vm();
    output.remark("taking over migration " + left.migration() + ": " + name(record));
    IncomingReport report = run.goOn(kernel, left, vm, metrics, address, security);
    String noGuest = "no guest came to " + name(record);
    // RUN is recorded before it is obeyed, and the guest is nowhere else then.
    if (!report.vmStarted() && left.state().stage() == TakeOverStage.READY) {
      noGuest += ": " + end(left, record);
    }
    left.delete();
    return run.finish(kernel, vm.ram(), name(record), noGuest, left.isLeft(), report, results);
  }

  /** The guest never came: its source has it. */
  private int giveUp(QemuTakeOver left, TakeOverRecord record) throws IOException {
    String done = end(left, record);
    left.delete(); // not before: if QEMU does not end, the next attempt must find it
    output.message(
        "READY was never sent, so the guest continues at the source, and there is nothing to take"
            + " over; "
            + name(record)
            + ", has no guest: "
            + done);
    return ExitCode.SOFTWARE;
  }

  /** Ends a QEMU that has no guest, if the other node had started it; says what to do with it. */
  private static String end(QemuTakeOver left, TakeOverRecord record) {
    if (!record.started()) {
      return "end it (quit), and do not start its VM (cont)";
    }
    left.vm().abandon();
    return "it was ended";
  }

  private static String name(TakeOverRecord record) {
    return "QEMU, process " + record.qemu().pid() + ", monitor " + record.qemu().monitor();
  }
}
