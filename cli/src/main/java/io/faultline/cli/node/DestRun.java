package io.faultline.cli.node;

import io.faultline.cli.engine.Engines;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.report.DestResult;
import io.faultline.cli.report.ProcessUsage;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.Results;
import io.faultline.cli.report.Summary;
import io.faultline.cli.report.VmResult;
import io.faultline.cli.status.OwnershipStep;
import io.faultline.cli.status.StatusFile;
import io.faultline.cli.status.StatusReportingVm;
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
  /** A VM that was told how many operations to do does them, however long that takes. */
  private static final Duration UNTIL_DONE = Duration.ofDays(365);

  private final NodeOptions node;
  private final Console console;
  private final Duration runOn;
  private final DestinationSettings settings;

  /** What this process had used when it had rehearsed. */
  private volatile ProcessUsage usageBefore = ProcessUsage.now();

  /**
   * @param runOn how long a VM without a number of operations runs on after the migration
   * @param settings but for their security, which the options of the node say
   */
  DestRun(NodeOptions node, Console console, Duration runOn, DestinationSettings settings) {
    this.settings = settings;
    this.node = node;
    this.console = console;
    this.runOn = runOn;
  }

  /**
   * Returns the exit code.
   *
   * @param kind the only kind of VM to take in; null for any
   * @param backing what to make its memory of; null for what the source has
   */
  int run(HostPort listen, @Nullable VmKind kind, @Nullable Backing backing)
      throws IOException, InterruptedException {
    InetSocketAddress address = listen.resolve();
    Security security = node.security.security("dest");
    SecurityOptions.require(security, "--listen", address);
    Kernel kernel = Engines.open(node.engine, console::say);
    if (kind == VmKind.KVM) {
      KvmHost.open(kernel).close(); // a person hears now that there is none
    }
    Consumer<String> guestLines = console.guestLines(node.showsGuestConsole());
    try (GarbageGenerator garbage = new GarbageGenerator();
        Ballast ballast = Ballast.take(kernel);
        Metrics metrics = Metrics.open(node.metrics);
        AnyIncomingVm vm = new AnyIncomingVm(kernel, kind, backing, guestLines)) {
      garbage.start();
      return finish(receive(kernel, vm, ballast, metrics, address, security));
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
    IncomingReport report;
    List<VcpuFaults> faults;
    Thread rehearsal = Thread.ofPlatform().daemon().unstarted(() -> rehearse(kernel));
    IncomingVm rehearsing = new RehearsingVm(incoming, rehearsal, ballast::close);
    AtomicReference<MigrationDestination> made = new AtomicReference<>();
    try (StatusFile status = status(made);
        MigrationDestination destination =
            new MigrationDestination(
                kernel,
                new StatusReportingVm(status, rehearsing),
                metrics.registry(),
                this::tell,
                settings.withSecurity(security),
                new Transport())) {
      made.set(destination);
      status.tell(OwnershipStep.LISTENING);
      InetSocketAddress address = destination.listen(listen);
      rehearsal.start();
      console.print("listening on " + HostPort.of(address));
      report = destination.result().join();
      if (incoming.lost().isPresent()) {
        runWithoutPages(incoming, report);
      }
      faults = incoming.vm().map(HostedVm::faults).orElse(List.of());
    }
    ObjectNode result = DestResult.of(report, kernel.name());
    usageBefore.addSince(result, "destination");
    if (incoming.vm().isPresent()) {
      HostedVm vm = incoming.vm().get();
      if (report.state() == IncomingState.COMPLETED) {
        verify(kernel, vm, faults, result);
      } else {
        VmResult.add(result, vm, faults);
        incoming.lost().ifPresent(lost -> verifyRest(kernel, vm, lost, result));
      }
    }
    return result;
  }

  /** The VM comes to its end, or to a page that is lost. */
  private void runWithoutPages(AnyIncomingVm incoming, IncomingReport report)
      throws InterruptedException {
    console.say(String.valueOf(report.error()));
    HostedVm vm = incoming.vm().orElseThrow();
    try {
      boolean finished = vm.awaitFinished(vm.programs().opsPerVcpu() > 0 ? UNTIL_DONE : runOn);
      console.say(
          finished
              ? "the VM came to its end without the missing pages"
              : "the VM has not needed a missing page so far, and is stopped");
    } catch (IllegalStateException e) { // a vCPU got a memory error
      String why =
          String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
      console.say("the VM needed a missing page: " + why);
    }
    vm.stop();
  }

  /** What the migration has to say: outages are no news to who wants none, strangers are. */
  private void tell(String line) {
    if (!node.quiet || line.startsWith("refused")) {
      console.say(line);
    }
  }

  private StatusFile status(AtomicReference<MigrationDestination> of) throws IOException {
    return StatusFile.ofDestination(
        node.state.directory(), () -> migrationId(of.get()), Clock.systemUTC(), console::say);
  }

  private static String migrationId(@Nullable MigrationDestination destination) {
    return destination == null ? "" : destination.migrationId();
  }

  private void rehearse(Kernel kernel) {
    try {
      node.rehearsal.run(kernel, console);
      usageBefore = ProcessUsage.now();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Compares what a VM without some of its pages, which has ended, came to. */
  private void verifyRest(Kernel kernel, HostedVm vm, List<PageBitmap> lost, ObjectNode result) {
    Optional<VmOutcome> rest = vm.outcomeWithout(lost);
    vm.close();
    VmResult.addLost(result, lost);
    rest.ifPresent(outcome -> VmResult.addRest(result, outcome.findProblem(kernel)));
  }

  /** Lets the VM come to its end, frees its memory, and runs it again without a migration. */
  private void verify(Kernel kernel, HostedVm vm, List<VcpuFaults> faults, ObjectNode result)
      throws InterruptedException {
    if (vm.programs().opsPerVcpu() > 0) {
      boolean finished = vm.awaitFinished(UNTIL_DONE);
      assert finished;
    } else {
      Thread.sleep(runOn);
      vm.stopBetweenOperations();
    }
    VmResult.add(result, vm, faults);
    VmOutcome outcome = vm.outcome();
    vm.close();
    if (!node.quiet) {
      console.say("verifying against a run without migration ...");
    }
    VmResult.addVerified(result, outcome.findProblem(kernel), outcome.operations());
  }

  private int finish(ObjectNode result) throws IOException {
    if (node.json != null) {
      ResultFile.write(node.json, result);
    }
    boolean good = Results.isGood(result);
    if (!good) {
      console.say(result.path("error").asString("the migration failed"));
    } else if (!node.quiet) {
      new Summary(console.out(), Terminal.hasColours()).print(result);
    }
    return good ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
