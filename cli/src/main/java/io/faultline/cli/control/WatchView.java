package io.faultline.cli.control;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import tools.jackson.databind.JsonNode;

/** A progress bar on standard error of a node that runs elsewhere. */
final class WatchView implements AutoCloseable {
  private static final int UPDATE_MILLIS = 100;
  private static final int MAX_LENGTH = 100;

  private final ProgressBar bar =
      new ProgressBarBuilder()
          .setTaskName("Migrating")
          .setInitialMax(1)
          .setUnit(" MiB", 1)
          .setStyle(ProgressBarStyle.ASCII)
          .setUpdateIntervalMillis(UPDATE_MILLIS)
          .setConsumer(new ConsoleProgressBarConsumer(System.err, MAX_LENGTH))
          .showSpeed()
          .build();

  /** Shows a status. */
  void update(JsonNode status) {
    JsonNode ram = status.path("ram");
    long total = ram.path("total").asLong(0) >> 20;
    bar.maxHint(Math.max(1, total));
    bar.stepTo(Math.clamp(total - (ram.path("remaining").asLong(0) >> 20), 0, total));
    bar.setExtraMessage(
        ", "
            + status.path("status").asString("")
            + (status.path("bulk-paused").asBoolean(false) ? ", bulk paused" : ""));
  }

  @Override
  public void close() {
    bar.close();
  }
}
