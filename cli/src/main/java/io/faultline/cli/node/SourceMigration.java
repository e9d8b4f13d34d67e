package io.faultline.cli.node;

import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.report.ProgressView;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.Summary;
import io.faultline.cli.status.OwnershipStep;
import io.faultline.cli.status.StatusFile;
import io.faultline.cli.status.StatusOwnershipLog;
import io.faultline.cli.terminal.Terminal;
import io.faultline.proto.Transport;
import io.faultline.source.MigrationIdentity;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.OutgoingVm;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.journal.Journal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** An outgoing migration, as a person follows it. */
final class SourceMigration {
  /** Tells whoever started this process that RUN is sent: a line that no guest writes. */
  static final String RUN_ANNOUNCEMENT = "\u0006 run sent";

  private static final long PROGRESS_MILLIS = 50;

  private final NodeOptions node;
  private final Console console;
  private final boolean showProgress;
  private final boolean announceRun;

  /**
   * @param showProgress whether it is shown
   * @param announceRun whether whoever started this process hears when RUN is sent
   */
  SourceMigration(NodeOptions node, Console console, boolean showProgress, boolean announceRun) {
    this.node = node;
    this.console = console;
    this.showProgress = showProgress;
    this.announceRun = announceRun;
  }

  /** What to do where the destination is lost; {@code destinations} has at least one address. */
  ReconnectSettings reconnectSettings(List<InetSocketAddress> destinations) {
    return new ReconnectSettings(
        destinations.subList(1, destinations.size()), node.timeouts.timeouts());
  }

  /** What {@code faultline status} tells of this process. */
  StatusFile status(String migration, SourceSettings settings) throws IOException {
    String to = HostPort.of(settings.destination()).toString();
    return StatusFile.ofSource(
        node.state.directory(), migration, to, Clock.systemUTC(), console::say);
  }

  /** Migrates; returns how it ended. */
  OutgoingReport run(
      OutgoingVm vm,
      long ramBytes,
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      MigrationIdentity migrationIdentity,
      Metrics metrics)
      throws IOException, InterruptedException {
    String id = HexFormat.of().formatHex(migrationIdentity.migrationId().toByteArray());
    try (StatusFile status = status(id, settings);
        MigrationSource source =
            new MigrationSource(
                vm,
                settings,
                metrics.registry(),
                node.poll.polling(),
                reconnectSettings,
                migrationIdentity.withOwnershipLog(
                    new StatusOwnershipLog(
                        status, migrationIdentity.ownershipLog(), this::announceRun)),
                new Transport())) {
      status.tell(
          migrationIdentity.committed() ? OwnershipStep.COMMITTED : OwnershipStep.RUNS_HERE);
      CompletableFuture<OutgoingReport> result = source.start();
      String howToGoOn =
          migrationIdentity.ownershipLog() instanceof Journal journal
              ? JournalSetup.Kept.command(journal)
              : "";
      try (CancelOnExit exit = new CancelOnExit(source, result, console, howToGoOn)) {
        OutgoingReport report = await(source, result, ramBytes);
        exit.awaitEnd();
        return report;
      }
    }
  }

  private void announceRun() {
    if (announceRun) {
      console.print(RUN_ANNOUNCEMENT);
    }
  }

  private OutgoingReport await(
      MigrationSource source, CompletableFuture<OutgoingReport> result, long ramBytes)
      throws InterruptedException {
    if (!showProgress) {
      return result.join();
    }
    try (ProgressView view = new ProgressView(source::progress, ramBytes, console::say)) {
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

  /** Tells the result; returns the exit code. */
  int finish(ObjectNode result, OutgoingReport report) throws IOException {
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
