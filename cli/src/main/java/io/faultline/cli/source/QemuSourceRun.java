package io.faultline.cli.source;

import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.mixin.MigrationOptions;
import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.process.SourceCheckpoint;
import io.faultline.cli.qemu.QemuMonitor;
import io.faultline.cli.rehearsal.NodeRehearsal;
import io.faultline.cli.report.ProcessUsage;
import io.faultline.cli.report.SourceResult;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.proto.security.Security;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.vm.QemuSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline source --vm qemu}: the guest of a QEMU that runs already. */
final class QemuSourceRun {
  private final NodeOptions node;
  private final CommandOutput output;
  private final SourceMigration source;
  private final boolean checkpoints;
  private final @Nullable Path journals;

  /**
   * @param checkpoints whether to wait at each {@link SourceCheckpoint}
   * @param journals the directory for the journal; null for the default one
   */
  QemuSourceRun(
      NodeOptions node,
      CommandOutput output,
      SourceMigration source,
      boolean checkpoints,
      @Nullable Path journals) {
    this.node = node;
    this.output = output;
    this.source = source;
    this.checkpoints = checkpoints;
    this.journals = journals;
  }

  /**
   * Migrates the guest, and returns the exit code. QEMU continues, with its guest if that did not
   * move.
   *
   * @param to addresses of the destination, at least one
   */
  int run(Path qmp, MigrationOptions migration, List<HostPort> to)
      throws IOException, InterruptedException {
    try (Metrics metrics = node.openMetrics(output);
        ResultOutput results = node.openResults(output::message)) {
      node.checkStateDirectory();
      LinuxKernel kernel = QemuMonitor.kernel(node.engine());
      try (QemuMonitor monitor = QemuMonitor.open(qmp)) {
        NodeRehearsal.tryRun(kernel, node.common().rehearsal(), output::message);
        reach(SourceCheckpoint.REHEARSED);
        JournalSetup journalSetup = journalSetup(kernel, monitor.connection());
        try (QemuSource vm = QemuSource.of(kernel, monitor.connection(), output::message)) {
          vm.limitWaits(node.common().timeouts().silence());
          migration.check(vm.ram().backing());
          reach(SourceCheckpoint.READY);
          return metrics.ended(migrate(vm, journalSetup, migration, to, results, metrics));
        }
      }
    }
  }

  /** After the ends of migrations of this guest whose nodes were killed. */
  private JournalSetup journalSetup(LinuxKernel kernel, QmpConnection monitor)
      throws IOException, InterruptedException {
    Path ram = QemuSource.ramFile(monitor);
    Path directory = JournalSetup.directory(journals, node.stateDirectory());
    new AbandonedMigrations(kernel, monitor, node, output).end(directory, ram);
    return JournalSetup.of(ram, journals, node.stateDirectory());
  }

  private void reach(SourceCheckpoint checkpoint) throws IOException {
    if (checkpoints) {
      checkpoint.await(output::print, System.in);
    }
  }

  private int migrate(
      QemuSource vm,
      JournalSetup journalSetup,
      MigrationOptions migration,
      List<HostPort> to,
      ResultOutput results,
      Metrics metrics)
      throws IOException, InterruptedException {
    List<InetSocketAddress> destinations = to.stream().map(each -> each.resolve("--to")).toList();
    Security security = node.common().security("source", "--to", destinations);
    SourceSettings settings = migration.settings(destinations.getFirst()).withSecurity(security);
    ReconnectSettings reconnectSettings = source.reconnectSettings(destinations);
    ProcessUsage before = ProcessUsage.now();
    try (MigrationJournal journal = journalSetup.begin(vm, settings, reconnectSettings)) {
      journal
          .resumeCommand()
          .ifPresent(command -> output.remark("if this process is killed, run: " + command));
      OutgoingReport report =
          source.run(vm, vm.ram().sizeBytes(), settings, reconnectSettings, journal, metrics);
      ObjectNode result = SourceResult.of(report);
      before.addSince(result, "source");
      result.put("vm", vm.type());
      if (report.committed()) {
        boolean completed = report.state() == OutgoingState.COMPLETED;
        journal.remainingFiles(completed).ifPresent(output::remark);
      } else {
        if (vm.hasEnded()) {
          SourceResult.addVmEnded(result);
        }
        output.message(
            report.error() + "; the guest " + VmAtSource.describe(vm, journal.resumeCommand()));
      }
      return source.finish(result, report, results);
    }
  }
}
