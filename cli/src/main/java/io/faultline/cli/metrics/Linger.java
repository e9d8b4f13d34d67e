package io.faultline.cli.metrics;

import io.faultline.cli.terminal.CommandOutput;
import java.math.BigDecimal;
import java.time.Duration;

/**
 * Waits at the end of a run, so that a scraper which comes every few seconds sees the final values
 * of a migration that was shorter. Ctrl-C and SIGTERM end the wait, and the process, with the exit
 * code of the run: the work is done, and a script must not take it for interrupted.
 */
final class Linger {
  private final Duration time;
  private final CommandOutput output;

  Linger(Duration time, CommandOutput output) {
    this.time = time;
    this.output = output;
  }

  void await(int exitCode) throws InterruptedException {
    if (time.isZero()) {
      return;
    }
    Thread hook = new Thread(() -> exit(exitCode), "end-of-linger");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the process is shutting down already
    }
    output.remark(
        "serving the final metrics for " + seconds() + " (--metrics-linger); Ctrl-C ends that");
    Thread.sleep(time);
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      Thread.sleep(time); // the hook runs, and ends the process
    }
  }

  private String seconds() {
    return BigDecimal.valueOf(time.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
  }

  private void exit(int exitCode) {
    output.awaitPrinted();
    Runtime.getRuntime().halt(exitCode); // the exit code would be that of the signal
  }
}
