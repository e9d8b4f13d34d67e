package io.faultline.cli.source;

import io.faultline.cli.engine.Engines;
import io.faultline.cli.experiment.GarbageGenerator;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.qemu.QemuMonitor;
import io.faultline.cli.report.ProcessUsage;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.SourceResult;
import io.faultline.cli.status.OwnershipStep;
import io.faultline.cli.status.StatusFile;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.proto.security.Security;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.source.journal.Journal;
import io.faultline.source.journal.Journals;
import io.faultline.source.journal.RetainedMemory;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** One run of {@code faultline source --resume}: continues from where a dead source stopped. */
final class ResumeRun {
  private final NodeOptions node;
  private final CommandOutput output;
  private final boolean showProgress;
  private final @Nullable Path journals;

  /**
   * @param journals the directory of the journal; null for the default one
   */
  ResumeRun(NodeOptions node, CommandOutput output, boolean showProgress, @Nullable Path journals) {
    this.node = node;
    this.output = output;
    this.showProgress = showProgress;
    this.journals = journals;
  }

  /**
   * Resumes a migration and returns the exit code.
   *
   * @param id of the migration, or its first digits
   * @param to current addresses of the destination; empty for those in the journal
   */
  int run(String id, List<HostPort> to) throws IOException, InterruptedException {
    try (Metrics metrics = node.openMetrics(output);
        ResultOutput results = node.openResults(output::message)) {
      return metrics.ended(run(id, to, results, metrics));
    }
  }

  private int run(String id, List<HostPort> to, ResultOutput results, Metrics metrics)
      throws IOException, InterruptedException {
    Path directory = JournalSetup.directory(journals, node.stateDirectory());
    try (Journal journal = new Journals(directory).open(id)) {
      if (QemuResumeRun.isFor(journal)) {
        LinuxKernel kernel = QemuMonitor.kernel(node.engine());
        return new QemuResumeRun(journal, output, results, kernel)
            .run(() -> cancellation(journal, to), () -> send(journal, to, results, metrics));
      }
      return switch (journal.stage()) {
        case COMMITTED -> send(journal, to, results, metrics);
        case PAUSED -> runHere(journal, to, results);
        case RUNS_HERE ->
            throw new IOException(
                "the source of migration "
                    + journal.id()
                    + " (process "
                    + journal.processId()
                    + ") died while the VM ran there, and the VM ended with it: it cannot be"
                    + " resumed from its memory alone; remove "
                    + journal.memoryFiles()
                    + " and "
                    + journal.file());
      };
    }
  }

  /** RUN was sent: serves the destination, which owns the VM, the pages that it lacks. */
  private int send(Journal journal, List<HostPort> to, ResultOutput results, Metrics metrics)
      throws IOException, InterruptedException {
    Kernel kernel = Engines.open(node.engine(), output::message);
    List<InetSocketAddress> destinations = destinations(journal, to);
    SourceSettings settings = settings(journal, destinations);
    SourceMigration source = new SourceMigration(node, output, showProgress, false);
    MigrationJournal migrationJournal = new MigrationJournal(journal);
    try (GarbageGenerator garbage = new GarbageGenerator();
        RetainedMemory memory = journal.map(kernel)) {
      garbage.start();
      journal.resume();
      output.remark("resuming migration " + journal.id() + ": the destination owns the VM");
      ProcessUsage before = ProcessUsage.now();
      OutgoingReport report =
          source.run(
              memory,
              memory.sizeBytes(),
              settings,
              source.reconnectSettings(destinations),
              migrationJournal,
              metrics);
      boolean completed = report.state() == OutgoingState.COMPLETED;
      migrationJournal.remainingFiles(completed).ifPresent(output::remark);
      ObjectNode result = SourceResult.of(report);
      SourceResult.addResumed(result, report);
      before.addSince(result, "source");
      return source.finish(result, report, results);
    }
  }

  /**
   * The VM was paused and RUN was not sent: runs it here, from its state and memory at the pause.
   * The journal is released before the VM runs, because the state in it fits only the memory at the
   * pause. Then a destination that is READY is notified that the VM will not come.
   */
  private int runHere(Journal journal, List<HostPort> to, ResultOutput results)
      throws IOException, InterruptedException {
    Kernel kernel = Engines.open(node.engine(), output::message);
    journal.requireMemory();
    List<InetSocketAddress> destinations = destinations(journal, to);
    SourceSettings settings = settings(journal, destinations);
    SourceMigration source = new SourceMigration(node, output, false, false);
    try (StatusFile status = source.status(journal.id(), settings);
        HostedVm vm =
            VmFactory.restore(
                journal.vmType(),
                kernel,
                journal.vmConfiguration(),
                journal.deviceState(),
                output.guestConsole(node.showsGuestConsole()))) {
      LateCancellation cancellation = cancellation(journal, to);
      status.update(OwnershipStep.PAUSED);
      journal.released();
      status.update(OwnershipStep.RUNS_HERE);
      vm.start();
      output.message(
          "migration "
              + journal.id()
              + " ended before RUN; the VM continues here from where it was paused");
      cancellation.send("RUN was never sent, and the VM continues at the source");
      ObjectNode result = SourceResult.ofVmThatStayed();
      SurvivingVm.await(kernel, vm, result, output::remark);
      results.write(OutputOptions.JSON, () -> ResultFile.text(result));
      return ExitCode.SOFTWARE;
    }
  }

  private LateCancellation cancellation(Journal journal, List<HostPort> to) {
    return LateCancellation.prepare(journal, destinations(journal, to), node, output);
  }

  private static List<InetSocketAddress> destinations(Journal journal, List<HostPort> to) {
    return to.isEmpty()
        ? journal.destinations()
        : to.stream().map(each -> each.resolve("--to")).toList();
  }

  private SourceSettings settings(Journal journal, List<InetSocketAddress> destinations) {
    Security security = node.common().security("source", "--to", destinations);
    return journal.settings(destinations.getFirst()).withSecurity(security);
  }
}
