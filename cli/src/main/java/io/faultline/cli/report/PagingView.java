package io.faultline.cli.report;

import io.faultline.paging.PagerStats;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A progress bar on standard error of a VM that runs through a pager: operations done, with their
 * hit rate and the memory in use.
 */
public final class PagingView implements AutoCloseable {
  private static final int UPDATE_MILLIS = 100;
  private static final int MAX_LENGTH = 100;
  private static final double PERCENT = 100;

  private final ProgressBar bar;

  public PagingView(long operations) {
    this.bar =
        new ProgressBarBuilder()
            .setTaskName("Running")
            .setInitialMax(operations)
            .setUnit(" ops", 1)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .setConsumer(new ConsoleProgressBarConsumer(System.err, MAX_LENGTH))
            .build();
  }

  /**
   * Shows the current progress.
   *
   * @param stats of the pager, since the VM started
   */
  public void update(long operations, PagerStats stats) {
    bar.stepTo(operations);
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            ", %.1f %% hits, buffer %d %% full",
            PERCENT * PagingResult.hitRate(stats, operations),
            100 * stats.usedPages() / stats.bufferPages()));
  }

  @Override
  public void close() {
    bar.close();
  }
}
