package io.faultline.dest;

import java.util.function.Supplier;

/**
 * The progress of a migration as any thread may read it. The control loop publishes, on each event
 * and regularly; pages are counted elsewhere, while they are placed.
 */
final class PublishedProgress {
  private final IncomingCounters counters;
  private volatile IncomingState state = IncomingState.LISTENING;
  private volatile IncomingReport report = IncomingReport.LISTENING;
  private volatile long missingPages = -1;
  private volatile int connections;

  PublishedProgress(IncomingCounters counters) {
    this.counters = counters;
  }

  IncomingState state() {
    return state;
  }

  /** The state after an event. */
  void publish(IncomingState now) {
    state = now;
  }

  /** The report at this time, if the state has changed since the last call, or regularly. */
  void publish(Supplier<IncomingReport> now, boolean regularly) {
    if (regularly || report.state() != state) {
      report = now.get();
    }
  }

  /**
   * How many base pages were missing at this time.
   *
   * @param pages -1 if it is not known
   */
  void missing(long pages) {
    missingPages = pages;
  }

  /** So many connections are established. */
  void connected(int count) {
    connections = count;
  }

  /** A snapshot. Any thread. */
  IncomingProgress progress() {
    IncomingReport now = report;
    long missing = missingPages;
    return new IncomingProgress(
        state,
        counters.urgentPages.sum(),
        counters.bulkPages.sum(),
        missing < 0 ? now.totalPages() : missing,
        connections,
        now.setupNanos() >= 0,
        now);
  }
}
