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
  private final PagerStats before;

  /**
   * @param before what the pager had done before the VM ran
   */
  public PagingView(long operations, PagerStats before) {
    this.before = before;
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

  /** Shows the current progress. */
  public void update(long operations, PagerStats now) {
    bar.stepTo(operations);
    bar.setExtraMessage(
        String.format(
            Locale.ROOT,
            ", %.1f %% hits, buffer %d %% full",
            PERCENT * hitRate(before, now, operations),
            100 * now.usedPages() / now.bufferPages()));
  }

  /** The share of operations that needed neither the store nor a page on its way there. */
  public static double hitRate(PagerStats before, PagerStats after, long operations) {
    long misses = after.fills() - before.fills() + after.rescued() - before.rescued();
    return operations == 0 ? 1 : Math.max(0, 1 - (double) misses / operations);
  }

  @Override
  public void close() {
    bar.close();
  }
}
