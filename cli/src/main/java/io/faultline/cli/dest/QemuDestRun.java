package io.faultline.cli.dest;

import io.faultline.cli.control.ControlServer;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.process.LocalMigration;
import io.faultline.cli.qemu.QemuMonitor;
import io.faultline.cli.recording.DestinationRecorder;
import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.rehearsal.NodeRehearsal;
import io.faultline.cli.report.DestResult;
import io.faultline.cli.report.ProcessUsage;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.page.Reports;
import io.faultline.cli.status.OwnershipStep;
import io.faultline.cli.status.StatusFile;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.faultline.qemu.vm.QemuDestination;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline dest --vm qemu}: a QEMU gets a guest. */
final class QemuDestRun {
  private final NodeOptions node;
  private final CommandOutput output;
  private final DestinationSettings settings;
  private final boolean announceArrival;
  private final DestinationRecorder recorder;

  /** What this process had used after its rehearsal. */
  private volatile ProcessUsage usageBefore = ProcessUsage.now();

  /**
   * @param settings without security, which follows from the options of the node
   * @param announceArrival whether to print {@link LocalMigration#ARRIVAL_ANNOUNCEMENT} when all of
   *     the memory has arrived
   */
  QemuDestRun(
      NodeOptions node,
      CommandOutput output,
      DestinationSettings settings,
      boolean announceArrival) {
    this.node = node;
    this.output = output;
    this.settings = settings.withAdmission(new ReservedHugePages(settings.admission()));
    this.announceArrival = announceArrival;
    recorder = new DestinationRecorder(node.records());
  }

  /**
   * Receives a guest and returns the exit code. QEMU continues, unless it was started here and got
   * no guest.
   */
  int run(HostPort listen, QemuChoice qemu) throws IOException, InterruptedException {
    InetSocketAddress address = listen.resolve("--listen");
    Security security = node.common().security("dest", "--listen", List.of(address));
    try (Metrics metrics = node.openMetrics(output);
        ResultOutput results = node.openResults(output::message)) {
      node.checkStateDirectory();
      LinuxKernel kernel = QemuMonitor.kernel(node.engine());
      try (DestinationQemu at = DestinationQemu.open(qemu, node.stateDirectory());
          QemuDestination vm = QemuDestination.of(kernel, at.monitor(), output::message);
          QemuStateKeeper keeper =
              new QemuStateKeeper(
                  node.stateDirectory(), vm.identity(at.socket()), at.started() != null)) {
        if (at.started() != null) {
          output.message("started " + at);
        }
        IncomingReport report =
            receive(kernel, new GivenQemuVm(vm, at, keeper), keeper, metrics, address, security);
        if (report.vmStarted()) {
          at.keep();
        }
        String noGuest =
            at.started() == null
                ? "no guest came to the QEMU here: end it (quit) before the next attempt, and do"
                    + " not start its VM (cont)"
                : "no guest came, and the QEMU that was started for it ends";
        return metrics.ended(
            finish(kernel, vm.ram(), at.toString(), noGuest, keeper.isLeft(), report, results));
      }
    }
  }

  private IncomingReport receive(
      LinuxKernel kernel,
      GivenQemuVm vm,
      QemuStateKeeper keeper,
      Metrics metrics,
      InetSocketAddress listen,
      Security security)
      throws IOException {
    Thread rehearsal = Thread.ofPlatform().daemon().unstarted(() -> rehearse(kernel));
    IncomingVm awaiting = new RehearsalAwaitingVm(vm, rehearsal, () -> {});
    AtomicReference<MigrationDestination> started = new AtomicReference<>();
    try (StatusFile status =
            StatusFile.ofDestination(
                node.stateDirectory(),
                () -> migrationId(started.get()),
                Clock.systemUTC(),
                output::message);
        MigrationDestination destination =
            destination(kernel, awaiting, status, settings.withKeeper(keeper), metrics, security);
        ControlServer _ =
            ControlServer.ofDestination(node.stateDirectory(), destination, output::remark)) {
      started.set(destination);
      status.rehearse(OwnershipStep.LISTENING);
      keeper.listensAt(HostPort.of(listen).toString());
      InetSocketAddress address = DestRun.listen(destination, listen);
      keeper.listensAt(HostPort.of(address).toString());
      rehearsal.start();
      return awaitEnd(destination, address);
    }
  }

  /**
   * Goes on with the migration of a node that was killed.
   *
   * @param of what that node left
   * @param vm the guest, in its QEMU
   */
  IncomingReport goOn(
      LinuxKernel kernel,
      QemuTakeOver of,
      IncomingVm vm,
      Metrics metrics,
      InetSocketAddress listen,
      Security security)
      throws IOException {
    try (StatusFile status =
            StatusFile.ofDestination(
                node.stateDirectory(), of::migration, Clock.systemUTC(), output::message);
        MigrationDestination destination =
            destination(kernel, vm, status, settings.withKeeper(of), metrics, security);
        ControlServer _ =
            ControlServer.ofDestination(node.stateDirectory(), destination, output::remark)) {
      destination.expect(of.identity(), of.state());
      InetSocketAddress address = DestRun.listen(destination, listen);
      destination.takeOver();
      status.update(of.step());
      StatusFile.removeKilledDestinations(
          node.stateDirectory(), of.migration(), output::message); // not before it is replaced
      return awaitEnd(destination, address);
    }
  }

  private MigrationDestination destination(
      LinuxKernel kernel,
      IncomingVm vm,
      StatusFile status,
      DestinationSettings with,
      Metrics metrics,
      Security security) {
    return new MigrationDestination(
        kernel,
        new StatusReportingVm(vm, status),
        metrics.registry(),
        output::remark,
        recorder.settings(with.withSecurity(security)),
        new Transport());
  }

  private IncomingReport awaitEnd(MigrationDestination destination, InetSocketAddress address) {
    output.print("listening on " + HostPort.of(address));
    IncomingReport report = destination.result().join(); // the source may come at any time
    if (announceArrival && report.state() == IncomingState.COMPLETED) {
      output.print(LocalMigration.ARRIVAL_ANNOUNCEMENT);
    }
    return report;
  }

  private static String migrationId(@Nullable MigrationDestination destination) {
    return destination == null ? "" : destination.migrationId();
  }

  private void rehearse(LinuxKernel kernel) {
    try {
      NodeRehearsal.tryRun(kernel, node.common().rehearsal(), recorder.isWanted(), output::message);
      usageBefore = ProcessUsage.now();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Writes the result and says how the migration ended.
   *
   * @param qemu which QEMU has the guest, for the user
   * @param noGuest what to say if it got none
   * @param left whether the guest was left to another process, which may get all of its pages
   * @return the exit code
   */
  int finish(
      LinuxKernel kernel,
      MemoryRegion ram,
      String qemu,
      String noGuest,
      boolean left,
      IncomingReport report,
      ResultOutput results) {
    ObjectNode result = DestResult.of(report, kernel.name());
    usageBefore.addSince(result, "destination");
    result.put("vm", "qemu");
    result.put("backing", ram.backing().toString());
    result.put("page_size", ram.pageBytes());
    result.put("ram_bytes", ram.sizeBytes());
    results.write(OutputOptions.JSON, () -> ResultFile.text(result));
    MigrationRecording recording = recorder.recorded(report, Optional.empty());
    Reports.write(node, recording, result, results, output::message);
    boolean completed = report.state() == IncomingState.COMPLETED;
    if (completed) {
      output.remark("the guest runs here, and all of its memory has arrived: " + qemu);
    } else {
      output.message(result.path("error").asString("the migration failed"));
      if (!report.vmStarted()) {
        output.message(noGuest);
      } else if (settings.poison() && !left) {
        output.message(
            "without KVM, QEMU ends when it needs one of the lost pages (SIGBUS): " + qemu);
      }
    }
    return results.exitCode(completed ? ExitCode.OK : ExitCode.SOFTWARE);
  }
}
