package io.faultline.cli.source;

import io.faultline.cli.terminal.CommandOutput;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingProgress;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A shutdown hook (Ctrl-C, SIGTERM) that cancels a migration, so that the destination is notified,
 * and reports which side owns the VM. Closing removes the hook.
 */
final class CancelOnExit implements AutoCloseable {
  private static final long CANCEL_MILLIS = 2000;
  private static final long EXIT_MILLIS = 10_000;

  private final MigrationSource source;
  private final CompletableFuture<OutgoingReport> result;
  private final CommandOutput output;
  private final Optional<String> resumeCommand;
  private final Supplier<String> vmHere;
  private final Thread hook = new Thread(this::cancel, "cancel-on-exit");
  private volatile boolean exiting;

  /**
   * @param resumeCommand the command that resumes the migration; empty if none can
   * @param vmHere what becomes of a VM that the source still owns, after "the VM, which"
   */
  CancelOnExit(
      MigrationSource source,
      CompletableFuture<OutgoingReport> result,
      CommandOutput output,
      Optional<String> resumeCommand,
      Supplier<String> vmHere) {
    this.source = source;
    this.result = result;
    this.output = output;
    this.resumeCommand = resumeCommand;
    this.vmHere = vmHere;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** While this process is shutting down, blocks, so that only the hook prints. */
  void awaitExit() throws InterruptedException {
    if (exiting) {
      Thread.sleep(EXIT_MILLIS);
    }
  }

  private void cancel() {
    exiting = true;
    source.cancel();
    try {
      output.message(describe(result.get(CANCEL_MILLIS, TimeUnit.MILLISECONDS)));
    } catch (TimeoutException | ExecutionException e) {
      output.message(describeOwner(source.progress()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    output.awaitPrinted();
  }

  /** The migration may have ended by itself just before. */
  private String describe(OutgoingReport report) {
    if (!report.committed()) {
      return report.error() + "; the source still owned the VM, which " + vmHere.get();
    }
    return report.state() == OutgoingState.COMPLETED
        ? "the migration had completed: the destination owns the VM"
        : report.error() + "; RUN was sent: the destination owns the VM";
  }

  private String describeOwner(OutgoingProgress progress) {
    if (!progress.state().isCommitted()) {
      return "the migration did not end in time; the source still owned the VM, which "
          + vmHere.get();
    }
    long unsent = progress.totalPages() - progress.pagesSent();
    return resumeCommand
        .map(
            command -> "the destination owns the VM, but may lack pages; continue with: " + command)
        .orElse(
            "the destination owns the VM, and will not receive the "
                + unsent
                + " pages that were not sent yet");
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is shutting down: the hook runs or has run
    }
  }
}
