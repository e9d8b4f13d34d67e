package io.faultline.cli.restore;

import io.faultline.cli.criu.CriuLog;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends a run at a signal (Ctrl-C, SIGTERM, SIGHUP) as a failure does, before the process ends and
 * its descriptors are closed. Closing it says that the run has ended, and its end is logged.
 */
final class SignalHook implements AutoCloseable {
  private static final long LOG_SECONDS = 2;

  private final Runnable end;
  private final CriuLog log;
  private final CountDownLatch logged = new CountDownLatch(1);
  private final Thread hook = new Thread(this::run, "end-at-signal");

  /**
   * @param end ends the run, and returns when no process depends on it any more
   */
  SignalHook(Runnable end, CriuLog log) {
    this.end = end;
    this.log = log;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void run() {
    end.run();
    try {
      boolean _ = logged.await(LOG_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    log.awaitWritten();
  }

  @Override
  public void close() {
    logged.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending: the hook runs
    }
  }
}
