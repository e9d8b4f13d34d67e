package io.faultline.cli.node;

import io.faultline.cli.engine.Engines;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.options.DirtyLogChoice;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.report.ProcessUsage;
import io.faultline.cli.report.SourceResult;
import io.faultline.cli.report.VmResult;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.proto.security.Security;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.OutgoingVm;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline source}. */
final class SourceRun {
  private final NodeOptions node;
  private final Console console;
  private final boolean showProgress;
  private final boolean announceRun;
  private final @Nullable Path journals;

  /**
   * @param journals the directory for journals; null for the usual one
   */
  SourceRun(
      NodeOptions node,
      Console console,
      boolean showProgress,
      boolean announceRun,
      @Nullable Path journals) {
    this.node = node;
    this.console = console;
    this.showProgress = showProgress;
    this.announceRun = announceRun;
    this.journals = journals;
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
    JournalSetup journalSetup =
        JournalSetup.of(vmOptions.backing(), journals, node.state.directory());
    node.rehearsal.run(kernel, console);
    Consumer<String> guestLines = console.guestLines(node.showsGuestConsole());
    try (GarbageGenerator garbage = new GarbageGenerator();
        Metrics metrics = Metrics.open(node.metrics);
        HostedVm vm = VmFactory.create(vmOptions.kind(), kernel, config, guestLines)) {
      garbage.start();
      vm.start();
      Thread.sleep(warmUp);
      OutgoingVm outgoing = vm.outgoing(migration.dirtyLog() == DirtyLogChoice.VM);
      ProcessUsage before = ProcessUsage.now();
      boolean guestShowsProgress = vm.console().isPresent() && node.showsGuestConsole();
      SourceMigration source =
          new SourceMigration(node, console, showProgress && !guestShowsProgress, announceRun);
      OutgoingReport report =
          migrate(source, journalSetup, vm, outgoing, settings, destinations, metrics);
      ObjectNode result = SourceResult.of(report);
      before.addSince(result, "source");
      VmResult.addConsole(result, "source", vm);
      if (!report.committed()) {
        console.say(report.error() + "; the VM goes on here");
        SurvivingVm.await(kernel, vm, result, this::remark);
      }
      return source.finish(result, report);
    }
  }

  private OutgoingReport migrate(
      SourceMigration source,
      JournalSetup journalSetup,
      HostedVm vm,
      OutgoingVm outgoing,
      SourceSettings settings,
      List<InetSocketAddress> destinations,
      Metrics metrics)
      throws IOException, InterruptedException {
    ReconnectSettings reconnectSettings = source.reconnectSettings(destinations);
    try (JournalSetup.Kept kept = journalSetup.begin(outgoing, settings, reconnectSettings)) {
      kept.announcement().ifPresent(this::remark);
      OutgoingReport report =
          source.run(
              outgoing,
              vm.ram().sizeBytes(),
              settings,
              reconnectSettings,
              kept.migrationIdentity(),
              metrics);
      if (report.committed()) {
        kept.leftover(report.state() == OutgoingState.COMPLETED).ifPresent(this::remark);
      }
      return report;
    }
  }

  /** What is no error. */
  private void remark(String line) {
    if (!node.quiet) {
      console.say(line);
    }
  }
}
