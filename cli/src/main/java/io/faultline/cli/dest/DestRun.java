package io.faultline.cli.dest;

import io.faultline.cli.control.NodeControl;
import io.faultline.cli.engine.Engines;
import io.faultline.cli.experiment.Ballast;
import io.faultline.cli.experiment.GarbageGenerator;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.metrics.VmMeters;
import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.process.ArrivedVm;
import io.faultline.cli.recording.DestinationRecorder;
import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.rehearsal.NodeRehearsal;
import io.faultline.cli.report.DestResult;
import io.faultline.cli.report.ProcessUsage;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.Results;
import io.faultline.cli.report.Summary;
import io.faultline.cli.report.VmResult;
import io.faultline.cli.report.page.Reports;
import io.faultline.cli.status.OwnershipStep;
import io.faultline.cli.status.StatusFile;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.cli.terminal.Terminal;
import io.faultline.demo.kvm.KvmHost;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.vm.AnyIncomingVm;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmKind;
import io.faultline.demo.vm.VmOutcome;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.memory.PageBitmap;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.faultline.source.snapshot.SnapshotOfVm;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline dest}. */
final class DestRun {
  /** A VM with lost pages ends by itself: a vCPU that needs one of them gets a memory error. */
  private static final Duration NO_LIMIT = Duration.ofDays(365);

  /** How the destination's events about refused peers begin. */
  private static final String REFUSED_PEER = "refused ";

  private final NodeOptions node;
  private final CommandOutput output;
  private final Duration runOn;
  private final DestinationSettings settings;
  private final DestinationRecorder recorder;
  private final VmMeters vmMeters = new VmMeters();
  private @Nullable MigrationRecording recording;

  /** What this process had used after its rehearsal. */
  private volatile ProcessUsage usageBefore = ProcessUsage.now();

  /**
   * @param runOn how long a VM without a number of operations runs after the migration
   * @param settings without security, which follows from the options of the node
   */
  DestRun(NodeOptions node, CommandOutput output, Duration runOn, DestinationSettings settings) {
    this.settings = settings;
    this.node = node;
    this.output = output;
    this.runOn = runOn;
    recorder = new DestinationRecorder(node.records());
  }

  /**
   * Receives a VM and returns the exit code.
   *
   * @param kind the only kind of VM to accept; null for any
   * @param backing of guest memory; null for that of the source
   */
  int run(HostPort listen, @Nullable VmKind kind, @Nullable Backing backing)
      throws IOException, InterruptedException {
    InetSocketAddress address = listen.resolve("--listen");
    Security security = node.common().security("dest", "--listen", List.of(address));
    try (Metrics metrics = node.openMetrics(output);
        ResultOutput results = node.openResults(output::message)) {
      node.checkStateDirectory();
      metrics.add(vmMeters);
      return metrics.ended(run(address, security, kind, backing, results, metrics));
    }
  }

  private int run(
      InetSocketAddress address,
      Security security,
      @Nullable VmKind kind,
      @Nullable Backing backing,
      ResultOutput results,
      Metrics metrics)
      throws IOException, InterruptedException {
    Kernel kernel = Engines.open(node.engine(), output::message);
    if (kind == VmKind.KVM) {
      KvmHost.open(kernel).close(); // fails now, rather than when the source connects
    }
    Consumer<String> guestConsole = output.guestConsole(node.showsGuestConsole());
    try (GarbageGenerator garbage = new GarbageGenerator();
        Ballast ballast = Ballast.allocate(kernel);
        AnyIncomingVm vm = new AnyIncomingVm(kernel, kind, backing, guestConsole)) {
      garbage.start();
      vmMeters.follow(vm::vm);
      ObjectNode result = receive(kernel, vm, ballast, metrics, address, security);
      vmMeters.retain();
      return finish(result, results);
    }
  }

  private ObjectNode receive(
      Kernel kernel,
      AnyIncomingVm incoming,
      Ballast ballast,
      Metrics metrics,
      InetSocketAddress listen,
      Security security)
      throws IOException, InterruptedException {
    Thread rehearsal = Thread.ofPlatform().daemon().unstarted(() -> rehearse(kernel));
    IncomingVm awaiting =
        new RehearsalAwaitingVm(
            new RecordedVm(incoming, () -> recorder.prepared(incoming.vm())),
            rehearsal,
            ballast::close);
    AtomicReference<MigrationDestination> started = new AtomicReference<>();
    try (StatusFile status = status(started);
        NodeControl control =
            NodeControl.open(node.stateDirectory(), kernel, null, output::remark)) {
      IncomingReport report;
      List<VcpuFaults> faults;
      try (MigrationDestination destination =
          new MigrationDestination(
              kernel,
              new StatusReportingVm(awaiting, status),
              metrics.registry(),
              this::printEvent,
              recorder.settings(settings.withSecurity(security)),
              new Transport())) {
        started.set(destination);
        control.follow(destination);
        status.update(OwnershipStep.LISTENING);
        InetSocketAddress address = listen(destination, listen);
        rehearsal.start();
        output.print("listening on " + HostPort.of(address));
        report = destination.result().join(); // the first source may come at any time
        recorder.ended(incoming.vm());
        if (incoming.lost().isPresent()) {
          runWithoutPages(incoming, report);
        }
        faults = incoming.vm().map(HostedVm::faults).orElse(List.of());
      }
      ObjectNode result = DestResult.of(report, kernel.name());
      usageBefore.addSince(result, "destination");
      if (report.state() == IncomingState.COMPLETED) {
        verify(kernel, incoming.vm().orElseThrow(), faults, control, result);
      } else if (incoming.vm().isPresent()) {
        HostedVm vm = incoming.vm().get();
        VmResult.add(result, vm, faults);
        incoming.lost().ifPresent(lost -> verifyRest(kernel, vm, lost, result));
      }
      recording = recorder.recorded(report, incoming.vm());
      return result;
    }
  }

  private void verify(
      Kernel kernel, HostedVm vm, List<VcpuFaults> faults, NodeControl control, ObjectNode result)
      throws InterruptedException {
    control.vmRuns(new SnapshotOfVm(vm.outgoing(true)));
    ArrivedVm.awaitEnd(vm, runOn, output::remark);
    control.endSnapshots("the VM has ended");
    ArrivedVm.verify(kernel, vm, faults, Duration.ZERO, output::remark, vmMeters::retain, result);
  }

  /** Listens; a wrong address is wrong use. */
  static InetSocketAddress listen(MigrationDestination destination, InetSocketAddress at) {
    try {
      return destination.listen(at);
    } catch (IOException e) {
      throw new UsageException(
          "--listen: " + e.getMessage() + "; give another address, or port 0 for a free one");
    }
  }

  /** Runs the VM until it ends, or touches a lost page. */
  private void runWithoutPages(AnyIncomingVm incoming, IncomingReport report)
      throws InterruptedException {
    output.message(String.valueOf(report.error()));
    HostedVm vm = incoming.vm().orElseThrow();
    try {
      boolean finished = vm.awaitFinished(vm.programs().opsPerVcpu() > 0 ? NO_LIMIT : runOn);
      output.message(
          finished
              ? "the VM finished without touching a missing page"
              : "the VM has not touched a missing page so far; stopping it");
    } catch (IllegalStateException e) { // a vCPU got a memory error
      String why =
          String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
      output.message("the VM touched a missing page: " + why);
    }
    vm.stop();
  }

  /** Prints an event of the migration; with --quiet only refused peers, not lost connections. */
  private void printEvent(String line) {
    if (line.startsWith(REFUSED_PEER)) {
      output.message(line);
    } else {
      output.remark(line);
    }
  }

  private StatusFile status(AtomicReference<MigrationDestination> of) throws IOException {
    return StatusFile.ofDestination(
        node.stateDirectory(), () -> migrationId(of.get()), Clock.systemUTC(), output::message);
  }

  private static String migrationId(@Nullable MigrationDestination destination) {
    return destination == null ? "" : destination.migrationId();
  }

  private void rehearse(Kernel kernel) {
    try {
      NodeRehearsal.tryRun(kernel, node.common().rehearsal(), recorder.isWanted(), output::message);
      usageBefore = ProcessUsage.now();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Verifies everything except the lost pages of a VM that has ended. */
  private void verifyRest(Kernel kernel, HostedVm vm, List<PageBitmap> lost, ObjectNode result) {
    Optional<VmOutcome> rest = vm.outcomeWithout(lost);
    vmMeters.retain();
    vm.close();
    VmResult.addLost(result, lost);
    rest.ifPresent(outcome -> VmResult.addRest(result, outcome.findProblem(kernel)));
  }

  private int finish(ObjectNode result, ResultOutput results) {
    results.write(OutputOptions.JSON, () -> ResultFile.text(result));
    if (recording != null) {
      Reports.write(node, recording, result, results, output::message);
    }
    boolean good = Results.isGood(result);
    if (!good) {
      output.message(result.path("error").asString("the migration failed"));
    } else if (!output.isQuiet()) {
      new Summary(output.out(), Terminal.hasColours()).print(result);
    }
    return results.exitCode(good ? ExitCode.OK : ExitCode.SOFTWARE);
  }
}
