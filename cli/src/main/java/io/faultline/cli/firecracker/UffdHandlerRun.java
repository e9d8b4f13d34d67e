package io.faultline.cli.firecracker;

import io.faultline.cli.options.UsageException;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.restore.firecracker.HandlerSettings;
import io.faultline.restore.firecracker.UffdHandler;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/** One run of {@code faultline uffd-handler}: until a signal ends it. */
final class UffdHandlerRun {
  private final HandlerSettings settings;
  private final @Nullable Path json;
  private final CommandOutput output;
  private final UffdHandlerLog log;

  /**
   * @param json the file for what was done; null for none
   */
  UffdHandlerRun(HandlerSettings settings, @Nullable Path json, CommandOutput output) {
    this.settings = settings;
    this.json = json;
    this.output = output;
    log = new UffdHandlerLog(output);
  }

  /**
   * Runs until a signal; never returns after that.
   *
   * @throws UsageException if an option cannot work
   */
  void run() throws InterruptedException {
    checkJson();
    UffdHandler handler = start();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  int exitCode = end(handler);
                  output.awaitPrinted();
                  Runtime.getRuntime().halt(exitCode);
                },
                "end-at-signal"));
    output.print("uffd-handler: listening on " + settings.socket() + " for " + settings.memory());
    new CountDownLatch(1).await();
  }

  private UffdHandler start() {
    try {
      return UffdHandler.start(settings, log);
    } catch (SystemCallException e) {
      throw new UsageException("--socket: " + e.getMessage());
    } catch (IOException e) {
      throw new UsageException("--memory or --hold: " + e);
    }
  }

  private void checkJson() {
    try {
      if (json != null) {
        Files.writeString(json, "");
      }
    } catch (IOException e) {
      throw new UsageException("--json " + json + ": it cannot be written: " + e);
    }
  }

  private int end(UffdHandler handler) {
    handler.close();
    try {
      if (json != null) {
        Files.writeString(
            json, ResultFile.text(log.put(ResultFile.newResult().put("status", "completed"))));
      }
      return ExitCode.OK;
    } catch (IOException e) {
      output.message("--json cannot be written: " + e);
      return ExitCode.SOFTWARE;
    }
  }
}
