package io.faultline.cli.node;

import io.faultline.cli.engine.Engines;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.report.ProcessUsage;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.SourceResult;
import io.faultline.cli.status.OwnershipStep;
import io.faultline.cli.status.StatusFile;
import io.faultline.demo.vm.HostedVm;
import io.faultline.demo.vm.VmFactory;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.SwitchoverCancellation;
import io.faultline.source.journal.Journal;
import io.faultline.source.journal.Journals;
import io.faultline.source.journal.RetainedMemory;
import io.faultline.uffd.Kernel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One run of {@code faultline source --resume}: takes up what a dead source left, as far as that
 * had come.
 */
final class ResumeRun {
  /** For each address of the destination; the VM runs meanwhile. */
  private static final Duration TELLING = Duration.ofSeconds(5);

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
        new Journals(JournalSetup.directory(journals, node.state.directory())).open(id)) {
      return switch (journal.stage()) {
        case COMMITTED -> send(journal, to);
        case PAUSED -> runHere(journal, to);
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
    List<InetSocketAddress> destinations = destinations(journal, to);
    SourceSettings settings = settings(journal, destinations);
    SourceMigration source = new SourceMigration(node, console, showProgress, false);
    try (GarbageGenerator garbage = new GarbageGenerator();
        Metrics metrics = Metrics.open(node.metrics);
        RetainedMemory memory = journal.map(kernel)) {
      garbage.start();
      journal.resume();
      remark("taking up migration " + journal.id() + ": the VM is the destination's");
      ProcessUsage before = ProcessUsage.now();
      OutgoingReport report =
          source.run(
              memory,
              memory.sizeBytes(),
              settings,
              source.reconnectSettings(destinations),
              journal.migrationIdentity(),
              metrics);
      remark(JournalSetup.Kept.leftover(journal, report.state() == OutgoingState.COMPLETED));
      ObjectNode result = SourceResult.of(report);
      SourceResult.addResumed(result, report);
      before.addSince(result, "source");
      return source.finish(result, report);
    }
  }

  /**
   * The VM was paused, and RUN not sent: it goes on here, with memory as it was then. The journal
   * goes before the VM runs, since what it has of the VM fits that memory only. A destination that
   * is READY hears that it waits for nothing, as soon as that is certain.
   */
  private int runHere(Journal journal, List<HostPort> to) throws IOException, InterruptedException {
    Kernel kernel = Engines.open(node.engine, console::say);
    journal.requireMemory();
    List<InetSocketAddress> destinations = destinations(journal, to);
    SourceSettings settings = settings(journal, destinations);
    SourceMigration source = new SourceMigration(node, console, false, false);
    ReconnectSettings reconnectSettings = source.reconnectSettings(destinations);
    try (StatusFile status = source.status(journal.id(), settings);
        HostedVm vm =
            VmFactory.restore(
                journal.vmType(),
                kernel,
                journal.vmConfiguration(),
                journal.deviceState(),
                console.guestLines(node.showsGuestConsole()))) {
      Optional<SwitchoverCancellation> cancellation =
          cancellation(journal, settings, reconnectSettings);
      status.tell(OwnershipStep.PAUSED);
      journal.released();
      status.tell(OwnershipStep.RUNS_HERE);
      vm.start();
      console.say(
          "migration "
              + journal.id()
              + " ended before RUN; the VM goes on here as it was when it was paused");
      cancellation.ifPresent(each -> withdraw(each, journal.id()));
      ObjectNode result = SourceResult.ofVmThatStayed();
      SurvivingVm.await(kernel, vm, result, this::remark);
      if (node.json != null) {
        ResultFile.write(node.json, result);
      }
      return ExitCode.SOFTWARE;
    }
  }

  /** The VM goes on also where its destination cannot be told, as for a medium without room. */
  private Optional<SwitchoverCancellation> cancellation(
      Journal journal, SourceSettings settings, ReconnectSettings reconnectSettings) {
    try {
      journal.resume(); // so that the connections of this process count as later ones
      return Optional.of(
          new SwitchoverCancellation(settings, reconnectSettings, journal.migrationIdentity()));
    } catch (IOException e) {
      remark("the destination cannot be told that the VM goes on here: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Where the destination has ended before, or cannot be reached, a person hears what is left. */
  private void withdraw(SwitchoverCancellation cancellation, String id) {
    try (Transport host = new Transport()) {
      cancellation.send(host, "RUN was never sent, and the VM goes on at the source", TELLING);
      remark("the destination was told that it waits for nothing");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      remark(
          "the destination could not be told: "
              + e.getMessage()
              + "; if it still waits for migration "
              + id
              + ", end it: it will not run the VM");
    }
  }

  private static List<InetSocketAddress> destinations(Journal journal, List<HostPort> to) {
    return to.isEmpty() ? journal.destinations() : to.stream().map(HostPort::resolve).toList();
  }

  private SourceSettings settings(Journal journal, List<InetSocketAddress> destinations) {
    Security security = node.security.security("source");
    destinations.forEach(each -> SecurityOptions.require(security, "--to", each));
    return journal.settings(destinations.getFirst()).withSecurity(security);
  }

  /** What is no error. */
  private void remark(String line) {
    if (!node.quiet) {
      console.say(line);
    }
  }
}
