package io.faultline.cli.node;

import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingProgress;
import io.faultline.source.OutgoingReport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Cancels a migration when the process is told to end (Ctrl-C, SIGTERM), so that its destination
 * hears of it, and says whose the VM is. Closing lets go of the migration.
 */
final class CancelOnExit implements AutoCloseable {
  private static final long CANCEL_MILLIS = 2000;
  private static final long EXIT_MILLIS = 10_000;

  private final MigrationSource source;
  private final CompletableFuture<OutgoingReport> result;
  private final Console console;
  private final String howToGoOn;
  private final Thread hook = new Thread(this::cancel, "cancel-on-exit");
  private volatile boolean exiting;

  /**
   * @param howToGoOn how another process takes the migration up, for a person; empty where none can
   */
  CancelOnExit(
      MigrationSource source,
      CompletableFuture<OutgoingReport> result,
      Console console,
      String howToGoOn) {
    this.howToGoOn = howToGoOn;
    this.source = source;
    this.result = result;
    this.console = console;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Does not return in time where the process is ending: all is said then. */
  void awaitEnd() throws InterruptedException {
    if (exiting) {
      Thread.sleep(EXIT_MILLIS);
    }
  }

  private void cancel() {
    exiting = true;
    source.cancel();
    try {
      OutgoingReport report = result.get(CANCEL_MILLIS, TimeUnit.MILLISECONDS);
      console.say(report.error() + "; the VM was here, and ends with this process");
    } catch (TimeoutException | ExecutionException e) {
      console.say(whoseItIs(source.progress()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String whoseItIs(OutgoingProgress progress) {
    if (progress.state().isCommitted() && !howToGoOn.isEmpty()) {
      return "the VM belongs to the destination, which may lack pages; go on with: " + howToGoOn;
    }
    return progress.state().isCommitted()
        ? "the VM belongs to the destination, which does not get the "
            + (progress.totalPages() - progress.pagesSent())
            + " pages that were not sent yet"
        : "the migration did not end; the VM was here, and ends with this process";
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending: the hook runs, or has run
    }
  }
}
