package io.faultline.cli.report;

import io.faultline.source.OutgoingProgress;
import java.util.function.Consumer;
import java.util.function.Supplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A progress bar on standard error with percentage, MiB/s, faults and time, and a line when a
 * connection is lost. Closing shows the final state.
 */
public final class ProgressView implements AutoCloseable {
  private static final int UPDATE_MILLIS = 100;
  private static final int MAX_LENGTH = 100;

  private final Supplier<OutgoingProgress> progress;
  private final long mebibytes;
  private final Consumer<String> lines;
  private final ProgressBar bar;
  private boolean outage;

  /**
   * @param totalBytes guest memory
   * @param lines receives a line for each outage
   */
  public ProgressView(
      Supplier<OutgoingProgress> progress, long totalBytes, Consumer<String> lines) {
    this.progress = progress;
    this.lines = lines;
    this.mebibytes = totalBytes >> 20;
    this.bar =
        new ProgressBarBuilder()
            .setTaskName("Migrating")
            .setInitialMax(mebibytes)
            .setUnit(" MiB", 1)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .setConsumer(new ConsoleProgressBarConsumer(System.err, MAX_LENGTH))
            .showSpeed()
            .build();
  }

  /** Shows the current progress. */
  public void update() {
    OutgoingProgress now = progress.get();
    long total = Math.max(1, now.totalPages());
    bar.stepTo(mebibytes * now.pagesSent() / total);
    boolean lost = !now.outage().isEmpty();
    if (lost && !outage) {
      lines.accept(now.outage());
    }
    outage = lost;
    bar.setExtraMessage(lost ? ", paused" : ", " + now.requests() + " faults");
  }

  @Override
  public void close() {
    update();
    bar.close();
  }
}
