package io.faultline.cli.source;

import io.faultline.cli.control.ControlServer;
import io.faultline.cli.control.NodeControl;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.mixin.NodeOptions;
import io.faultline.cli.mixin.OutputOptions;
import io.faultline.cli.output.ResultOutput;
import io.faultline.cli.process.LocalMigration;
import io.faultline.cli.recording.SourceRecorder;
import io.faultline.cli.report.ProgressView;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.Summary;
import io.faultline.cli.report.page.Reports;
import io.faultline.cli.status.OwnershipStep;
import io.faultline.cli.status.StatusFile;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.cli.terminal.Terminal;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.Transport;
import io.faultline.source.MigrationIdentity;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.OutgoingVm;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;
import tools.jackson.databind.node.ObjectNode;

/** An outgoing migration with its status file, progress bar, and result. */
final class SourceMigration {
  private static final long PROGRESS_MILLIS = 50;

  private final NodeOptions node;
  private final CommandOutput output;
  private final boolean showProgress;
  private final boolean announceRun;
  private final SourceRecorder recorder;
  private @Nullable NodeControl control;

  /**
   * @param announceRun whether to print {@link LocalMigration#RUN_ANNOUNCEMENT} when RUN is sent
   */
  SourceMigration(
      NodeOptions node, CommandOutput output, boolean showProgress, boolean announceRun) {
    this.node = node;
    this.output = output;
    this.showProgress = showProgress;
    this.announceRun = announceRun;
    recorder = new SourceRecorder(node.records());
  }

  /**
   * Uses a control socket that is open already, instead of one of its own.
   *
   * @param open stays the caller's
   */
  SourceMigration with(NodeControl open) {
    control = open;
    return this;
  }

  /** How to reconnect to the destination; {@code destinations} has at least one address. */
  ReconnectSettings reconnectSettings(List<InetSocketAddress> destinations) {
    return new ReconnectSettings(
        destinations.subList(1, destinations.size()), node.common().timeouts());
  }

  /** Opens the file from which {@code faultline status} learns about this process. */
  StatusFile status(String migration, SourceSettings settings) throws IOException {
    String to = SocketAddresses.format(settings.destination());
    return StatusFile.ofSource(
        node.stateDirectory(), migration, to, Clock.systemUTC(), output::message);
  }

  /** Migrates, and returns how it ended. */
  OutgoingReport run(
      OutgoingVm vm,
      long ramBytes,
      SourceSettings settings,
      ReconnectSettings reconnectSettings,
      MigrationJournal journal,
      Metrics metrics)
      throws IOException, InterruptedException {
    MigrationIdentity identity = journal.identity();
    String id = HexFormat.of().formatHex(identity.migrationId().toByteArray());
    try (StatusFile status = status(id, settings);
        MigrationSource source =
            new MigrationSource(
                vm,
                recorder.settings(settings),
                metrics.registry(),
                node.common().polling(),
                reconnectSettings,
                identity.withOwnershipLog(
                    new StatusOwnershipLog(status, identity.ownershipLog(), this::announceRun)),
                new Transport())) {
      status.rehearse(identity.committed() ? OwnershipStep.COMMITTED : OwnershipStep.RUNS_HERE);
      source.setLog(output::remark);
      CompletableFuture<OutgoingReport> result = source.start();
      try (SourceRecorder.AutoSampling _ = recorder.sample(source::progress, ramBytes);
          ControlServer _ = openControl(source, result, id);
          CancelOnExit exit =
              new CancelOnExit(
                  source,
                  result,
                  output,
                  journal.resumeCommand(),
                  () -> VmAtSource.describe(vm, journal.resumeCommand()))) {
        OutgoingReport report = await(source, result, ramBytes);
        exit.awaitExit();
        return report;
      }
    }
  }

  /** Null if the one that is open follows the migration. */
  private @Nullable ControlServer openControl(
      MigrationSource source, CompletableFuture<OutgoingReport> result, String id)
      throws IOException {
    if (control == null) {
      return ControlServer.ofSource(node.stateDirectory(), source, result, id, output::remark);
    }
    control.follow(source, result, id);
    return null;
  }

  private void announceRun() {
    if (announceRun) {
      output.print(LocalMigration.RUN_ANNOUNCEMENT);
    }
  }

  private OutgoingReport await(
      MigrationSource source, CompletableFuture<OutgoingReport> result, long ramBytes)
      throws InterruptedException {
    if (!showProgress) {
      return result.join();
    }
    try (ProgressView view = new ProgressView(source::progress, ramBytes, output::message)) {
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

  /** Writes and prints the result; returns the exit code. */
  int finish(ObjectNode result, OutgoingReport report, ResultOutput results) {
    results.write(OutputOptions.JSON, () -> ResultFile.text(result));
    Reports.write(node, recorder.recorded(), result, results, output::message);
    boolean completed = report.state() == OutgoingState.COMPLETED;
    if (!completed && report.committed()) {
      output.message(report.error() + "; RUN was sent: the destination owns the VM");
    } else if (completed && !output.isQuiet()) {
      new Summary(output.out(), Terminal.hasColours()).printSource(result);
    }
    return results.exitCode(completed ? ExitCode.OK : ExitCode.SOFTWARE);
  }
}
