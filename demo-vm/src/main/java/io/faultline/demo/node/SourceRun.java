package io.faultline.demo.node;

import io.faultline.demo.engine.Engines;
import io.faultline.demo.metrics.Metrics;
import io.faultline.demo.options.DirtyLogChoice;
import io.faultline.demo.options.HostPort;
import io.faultline.demo.report.ProcessUsage;
import io.faultline.demo.report.ProgressView;
import io.faultline.demo.report.ResultFile;
import io.faultline.demo.report.SourceResult;
import io.faultline.demo.report.Summary;
import io.faultline.demo.report.VmResult;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.terminal.Terminal;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.Vms;
import io.faultline.proto.security.Security;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.OutgoingVm;
import io.faultline.source.Reconnecting;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline source}. */
final class SourceRun {
  private static final long PROGRESS_MILLIS = 50;
  private static final Duration PROOF_OF_LIFE = Duration.ofMillis(500);

  /** A VM that was told how many operations to do does them, however long that takes. */
  private static final Duration UNTIL_DONE = Duration.ofDays(365);

  private final NodeOptions node;
  private final Console console;
  private final boolean showProgress;
  private final boolean announceRun;
  private Reconnecting reconnecting = Reconnecting.DEFAULT;

  SourceRun(NodeOptions node, Console console, boolean showProgress, boolean announceRun) {
    this.node = node;
    this.console = console;
    this.showProgress = showProgress;
    this.announceRun = announceRun;
  }

  /** Returns the exit code. */
  int run(VmOptions vmOptions, MigrationOptions migration, List<HostPort> to, Duration warmUp)
      throws IOException, InterruptedException {
    migration.check(vmOptions.backing());
    Kernel kernel = Engines.open(node.engine, console::say);
    SimulatedVmConfig config = vmOptions.config(kernel, 1);
    List<InetSocketAddress> destinations = to.stream().map(HostPort::resolve).toList();
    Security security = node.security.security("source");
    destinations.forEach(each -> SecurityOptions.require(security, "--to", each));
    SourceSettings settings = migration.settings(destinations.getFirst()).withSecurity(security);
    reconnecting =
        new Reconnecting(destinations.subList(1, destinations.size()), node.patience.patience());
    node.rehearsal.run(kernel, console, node.security.isEncrypted());
    Consumer<String> guestLines = console.guestLines(node.showsGuestConsole());
    try (Garbage garbage = new Garbage();
        Metrics metrics = Metrics.open(node.metrics);
        HostedVm vm = Vms.create(vmOptions.kind(), kernel, config, guestLines)) {
      garbage.start();
      vm.start();
      Thread.sleep(warmUp);
      OutgoingVm outgoing = vm.outgoing(migration.dirtyLog() == DirtyLogChoice.VM);
      ProcessUsage before = ProcessUsage.now();
      OutgoingReport report = migrate(vm, outgoing, settings, metrics);
      ObjectNode result = SourceResult.of(report);
      before.addSince(result, "source");
      VmResult.addConsole(result, "source", vm);
      if (!report.committed()) {
        goOn(kernel, vm, result);
      }
      return finish(result, report);
    }
  }

  private OutgoingReport migrate(
      HostedVm vm, OutgoingVm outgoing, SourceSettings settings, Metrics metrics)
      throws InterruptedException {
    try (MigrationSource source =
        new MigrationSource(
            outgoing, settings, metrics.registry(), node.poll.polling(), reconnecting)) {
      CompletableFuture<OutgoingReport> result = source.start();
      if (announceRun) {
        RunAnnouncement.start(source, result, console::print);
      }
      try (CancelOnExit exit = new CancelOnExit(source, result, console)) {
        OutgoingReport report = await(source, result, vm);
        exit.awaitEnd();
        return report;
      }
    }
  }

  private OutgoingReport await(
      MigrationSource source, CompletableFuture<OutgoingReport> result, HostedVm vm)
      throws InterruptedException {
    boolean guestShowsProgress = vm.console().isPresent() && node.showsGuestConsole();
    if (!showProgress || guestShowsProgress) {
      return result.join();
    }
    try (ProgressView view =
        new ProgressView(source::progress, vm.ram().sizeBytes(), console::say)) {
      while (!ended(result)) {
        view.update();
      }
    }
    return result.join();
  }

  private static boolean ended(CompletableFuture<OutgoingReport> result)
      throws InterruptedException {
    try {
      result.get(PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("the migration broke", e);
    }
  }

  /** The migration failed before the commit point: the VM goes on here, and shows it. */
  private void goOn(Kernel kernel, HostedVm vm, ObjectNode result) throws InterruptedException {
    console.say(result.path("error").asString("") + "; the VM goes on here");
    long[] before = vm.opsDone();
    boolean limited = vm.programs().opsPerVcpu() > 0;
    boolean finished = vm.awaitFinished(limited ? UNTIL_DONE : PROOF_OF_LIFE);
    long more = Arrays.stream(vm.opsDone()).sum() - Arrays.stream(before).sum();
    result.put("operations_after_failure", more);
    if (finished) {
      Optional<String> problem = vm.outcome().findProblem(kernel);
      result.put("verified", problem.isEmpty());
      remark("the VM finished here, " + problem.map("NOT VERIFIED: "::concat).orElse("verified"));
    } else {
      remark(String.format(Locale.ROOT, "it did %,d operations since", more));
    }
  }

  /** What is no error. */
  private void remark(String line) {
    if (!node.quiet) {
      console.say(line);
    }
  }

  private int finish(ObjectNode result, OutgoingReport report) throws IOException {
    if (node.json != null) {
      ResultFile.write(node.json, result);
    }
    boolean completed = report.state() == OutgoingState.COMPLETED;
    if (!completed && report.committed()) {
      console.say(report.error() + "; the VM belongs to the destination since RUN was sent");
    } else if (completed && !node.quiet) {
      new Summary(console.out(), Terminal.hasColours()).printSource(result);
    }
    return completed ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
