package io.faultline.cli.source;

import io.faultline.cli.control.NodeControl;
import io.faultline.cli.engine.Engines;
import io.faultline.cli.experiment.GarbageGenerator;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.mixin.MigrationOptions;
import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.mixin.PagingOptions;
import io.faultline.cli.mixin.VmOptions;
import io.faultline.cli.options.DirtyLogChoice;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.rehearsal.NodeRehearsal;
import io.faultline.cli.report.PagingResult;
import io.faultline.cli.report.ProcessUsage;
import io.faultline.cli.report.SourceResult;
import io.faultline.cli.report.VmResult;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.demo.vm.VmKind;
import io.faultline.proto.security.Security;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.OutgoingVm;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.snapshot.SnapshotOfVm;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline source}. */
final class SourceRun {
  private final NodeOptions node;
  private final CommandOutput output;
  private final boolean showProgress;
  private final boolean announceRun;
  private final @Nullable Path journals;
  private final PagingOptions paging;

  /**
   * @param announceRun as for {@link SourceMigration}
   * @param journals the directory for the journal; null for the default one
   */
  SourceRun(
      NodeOptions node,
      CommandOutput output,
      boolean showProgress,
      boolean announceRun,
      @Nullable Path journals,
      PagingOptions paging) {
    this.node = node;
    this.output = output;
    this.showProgress = showProgress;
    this.announceRun = announceRun;
    this.journals = journals;
    this.paging = paging;
  }

  /**
   * Runs the VM, migrates it, and returns the exit code.
   *
   * @param to addresses of the destination, at least one
   */
  int run(VmOptions vmOptions, MigrationOptions migration, List<HostPort> to, Duration warmUp)
      throws IOException, InterruptedException {
    migration.check(vmOptions.backing());
    try (Metrics metrics = node.openMetrics(output);
        ResultOutput results = node.openResults(output::message)) {
      return metrics.ended(run(vmOptions, migration, to, warmUp, results, metrics));
    }
  }

  private int run(
      VmOptions vmOptions,
      MigrationOptions migration,
      List<HostPort> to,
      Duration warmUp,
      ResultOutput results,
      Metrics metrics)
      throws IOException, InterruptedException {
    node.checkStateDirectory();
    JournalSetup journalSetup =
        JournalSetup.of(vmOptions.backing(), journals, node.stateDirectory());
    Kernel kernel = Engines.open(node.engine(), output::message);
    SimulatedVmConfig config =
        paging.isChosen() ? vmOptions.config(kernel) : vmOptions.config(kernel, 1);
    List<InetSocketAddress> destinations = to.stream().map(each -> each.resolve("--to")).toList();
    Security security = node.common().security("source", "--to", destinations);
    SourceSettings settings = migration.settings(destinations.getFirst()).withSecurity(security);
    try (GarbageGenerator garbage = new GarbageGenerator();
        HostedVm vm = createVm(vmOptions.kind(), kernel, config);
        NodeControl control = start(kernel, garbage, vm)) {
      Thread.sleep(warmUp);
      control.endSnapshots("the VM migrates: take the snapshot where it runs afterwards");
      OutgoingVm outgoing = vm.outgoing(migration.dirtyLog() == DirtyLogChoice.VM);
      ProcessUsage before = ProcessUsage.now();
      boolean guestPrints = vm.console().isPresent() && node.showsGuestConsole();
      SourceMigration source =
          new SourceMigration(node, output, showProgress && !guestPrints, announceRun)
              .with(control);
      OutgoingReport report =
          migrate(source, journalSetup, vm, outgoing, settings, destinations, metrics);
      ObjectNode result = SourceResult.of(report);
      before.addSince(result, "source");
      VmResult.addConsole(result, "source", vm);
      PagingResult.addTo(result, vm);
      if (!report.committed()) {
        control.vmRuns(new SnapshotOfVm(outgoing));
        output.message(report.error() + "; the VM continues here");
        SurvivingVm.await(kernel, vm, result, output::remark);
      }
      return source.finish(result, report, results);
    }
  }

  /** Starts the VM, then opens the control socket. */
  private NodeControl start(Kernel kernel, GarbageGenerator garbage, HostedVm vm)
      throws IOException {
    garbage.start();
    vm.start();
    SnapshotOfVm running = new SnapshotOfVm(vm.outgoing(true));
    return NodeControl.open(node.stateDirectory(), kernel, running, output::remark);
  }

  /** After a rehearsal, which must not run beside the VM. */
  private HostedVm createVm(VmKind kind, Kernel kernel, SimulatedVmConfig config)
      throws IOException, InterruptedException {
    NodeRehearsal.tryRun(kernel, node.common().rehearsal(), output::message);
    if (paging.isChosen()) {
      return paging.createVm(kernel, config, output::message);
    }
    return VmFactory.create(kind, kernel, config, output.guestConsole(node.showsGuestConsole()));
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
    try (MigrationJournal journal = journalSetup.begin(outgoing, settings, reconnectSettings)) {
      journal
          .resumeCommand()
          .ifPresent(command -> output.remark("if this process is killed, run: " + command));
      OutgoingReport report =
          source.run(outgoing, vm.ram().sizeBytes(), settings, reconnectSettings, journal, metrics);
      if (report.committed()) {
        boolean completed = report.state() == OutgoingState.COMPLETED;
        journal.remainingFiles(completed).ifPresent(output::remark);
      }
      return report;
    }
  }
}
