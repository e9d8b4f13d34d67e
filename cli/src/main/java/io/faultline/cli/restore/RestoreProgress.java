package io.faultline.cli.restore;

import io.faultline.restore.RestoreReport;
import io.faultline.restore.RestoreState;
import io.faultline.restore.space.DumpLayout;
import java.util.Locale;

/** A line on standard error that changes while pages arrive. */
final class RestoreProgress implements AutoCloseable {
  static final int INTERVAL_MILLIS = 100;

  private static final String CLEAR_LINE = "\r\033[K";
  private static final double MIB = 1 << 20;

  private boolean shown;

  /** Shows the current progress, once CRIU has connected. */
  void show(RestoreReport now) {
    if (now.state() == RestoreState.LISTENING) {
      return;
    }
    shown = true;
    System.err.print(CLEAR_LINE + line(now));
    System.err.flush();
  }

  /** The line. */
  static String line(RestoreReport now) {
    double done = now.memory().placedPages * DumpLayout.PAGE_BYTES / MIB;
    double missing = now.missingPages() * DumpLayout.PAGE_BYTES / MIB;
    return String.format(
        Locale.ROOT,
        "lazy-pages: %.0f of %.0f MiB, %d faults, %.1f s",
        done,
        done + missing,
        now.memory().faults,
        now.totalMillis() / 1000);
  }

  @Override
  public void close() {
    if (shown) {
      System.err.print(CLEAR_LINE);
      System.err.flush();
    }
  }
}
