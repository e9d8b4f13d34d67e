package io.faultline.demo.node;

import io.faultline.demo.engine.Engines;
import io.faultline.demo.metrics.Metrics;
import io.faultline.demo.options.HostPort;
import io.faultline.demo.report.ProcessUsage;
import io.faultline.demo.report.ResultFile;
import io.faultline.demo.report.SourceResult;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.Vms;
import io.faultline.proto.security.Security;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.source.journal.Journal;
import io.faultline.source.journal.Journals;
import io.faultline.source.journal.KeptMemory;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One run of {@code faultline source --resume}: takes up what a dead source left, as far as that
 * had come.
 */
final class ResumeRun {
  private final NodeOptions node;
  private final Console console;
  private final boolean showProgress;
  private final @Nullable Path journals;

  /**
   * @param journals the directory for journals; null for the usual one
   */
  ResumeRun(NodeOptions node, Console console, boolean showProgress, @Nullable Path journals) {
    this.node = node;
    this.console = console;
    this.showProgress = showProgress;
    this.journals = journals;
  }

  /**
   * Returns the exit code.
   *
   * @param id of the migration
   * @param to where the destination is now; empty for where it was
   */
  int run(String id, List<HostPort> to) throws IOException, InterruptedException {
    try (Journal journal =
        new Journals(Keeping.directory(journals, node.state.directory())).open(id)) {
      return switch (journal.standing()) {
        case COMMITTED -> send(journal, to);
        case PAUSED -> runHere(journal);
        case RUNS_HERE ->
            throw new IOException(
                "the source of migration "
                    + journal.id()
                    + " (process "
                    + journal.processId()
                    + ") ended while its VM ran there, and the VM ended with it: memory alone, in "
                    + journal.memoryFiles()
                    + ", is no VM; remove that and "
                    + journal.file());
      };
    }
  }

  /** The VM is the destination's: it gets what it lacks of it. */
  private int send(Journal journal, List<HostPort> to) throws IOException, InterruptedException {
    Kernel kernel = Engines.open(node.engine, console::say);
    List<InetSocketAddress> destinations =
        to.isEmpty() ? journal.destinations() : to.stream().map(HostPort::resolve).toList();
    Security security = node.security.security("source");
    destinations.forEach(each -> SecurityOptions.require(security, "--to", each));
    SourceSettings settings = journal.settings(destinations.getFirst()).withSecurity(security);
    SourceMigration source = new SourceMigration(node, console, showProgress, false);
    try (Garbage garbage = new Garbage();
        Metrics metrics = Metrics.open(node.metrics);
        KeptMemory memory = journal.map(kernel)) {
      garbage.start();
      journal.takeUp();
      remark("taking up migration " + journal.id() + ": the VM is the destination's");
      ProcessUsage before = ProcessUsage.now();
      OutgoingReport report =
          source.run(
              memory,
              memory.sizeBytes(),
              settings,
              source.reconnecting(destinations),
              journal.continuity(),
              metrics);
      remark(Keeping.Kept.leftover(journal, report.state() == OutgoingState.COMPLETED));
      ObjectNode result = SourceResult.of(report);
      SourceResult.addResumed(result, report);
      before.addSince(result, "source");
      return source.finish(result, report);
    }
  }

  /**
   * The VM was paused, and RUN not sent: it goes on here, with memory as it was then. The journal
   * goes before the VM runs, since what it has of the VM fits that memory only.
   */
  private int runHere(Journal journal) throws IOException, InterruptedException {
    Kernel kernel = Engines.open(node.engine, console::say);
    journal.requireMemory();
    try (HostedVm vm =
        Vms.restore(
            journal.vmType(),
            kernel,
            journal.vmConfiguration(),
            journal.deviceState(),
            console.guestLines(node.showsGuestConsole()))) {
      journal.released();
      vm.start();
      console.say(
          "migration "
              + journal.id()
              + " ended before RUN; the VM goes on here as it was when it was paused");
      ObjectNode result = SourceResult.ofVmThatStayed();
      StayingVm.await(kernel, vm, result, this::remark);
      if (node.json != null) {
        ResultFile.write(node.json, result);
      }
      return ExitCode.SOFTWARE;
    }
  }

  /** What is no error. */
  private void remark(String line) {
    if (!node.quiet) {
      console.say(line);
    }
  }
}
