package io.faultline.source;

import io.faultline.proto.connect.Outage;
import io.faultline.proto.connect.ReconnectSchedule;
import java.util.function.Supplier;

/**
 * The progress of a migration as any thread may read it. The control loop publishes, on each event
 * and regularly; pages are counted elsewhere, while they are sent.
 */
final class PublishedProgress {
  private final OutgoingRegions regions;
  private final OutgoingCounters counters;
  private final RateLimit limit;
  private final ReconnectSchedule reconnectSchedule;

  private volatile OutgoingState state = OutgoingState.SETUP;
  private volatile Outage outage = Outage.NONE;
  private volatile OutgoingReport report;
  private volatile Round round;
  private volatile long dirtyBytesPerSecond = -1;
  private volatile int bulkConnections;
  private final Throughput throughput = new Throughput();

  /**
   * The current precopy round.
   *
   * @param pages to send in it
   * @param sentBefore pages sent in all earlier rounds
   */
  private record Round(long pages, long sentBefore) {}

  /**
   * @param report the report before anything has happened
   */
  PublishedProgress(
      OutgoingRegions regions,
      OutgoingCounters counters,
      RateLimit limit,
      ReconnectSchedule reconnectSchedule,
      OutgoingReport report) {
    this.regions = regions;
    this.counters = counters;
    this.limit = limit;
    this.reconnectSchedule = reconnectSchedule;
    this.report = report;
    round = new Round(regions.totalPages(), 0);
  }

  OutgoingState state() {
    return state;
  }

  /** Why there is no connection. */
  Outage outage() {
    return outage;
  }

  /** The state after an event. */
  void publish(OutgoingState now) {
    state = now;
    outage =
        switch (now) {
          case PAUSED -> reconnectSchedule.outage(false);
          case RECOVERING -> reconnectSchedule.outage(true);
          default -> Outage.NONE;
        };
  }

  /** The report at this time, if the state has changed since the last call, or regularly. */
  void publish(Supplier<OutgoingReport> now, boolean regularly) {
    if (regularly || report.state() != state) {
      report = now.get();
    }
  }

  /** Called regularly: measures the throughput. */
  void tick(long nowNanos) {
    throughput.sample(counters.bytesSent.sum(), nowNanos);
  }

  /** A precopy round starts. */
  void roundStarts(long dirtyBytes) {
    round = new Round(dirtyBytes / regions.basePageBytes(), counters.precopyPagesSent());
  }

  /** How fast the VM dirtied memory in the last round; -1 if none has ended. */
  void dirtied(long bytesPerSecond) {
    dirtyBytesPerSecond = bytesPerSecond;
  }

  /** So many bulk connections are established. */
  void connected(int channels) {
    bulkConnections = channels;
  }

  /** A snapshot. Any thread. */
  OutgoingProgress progress(long nowNanos) {
    OutgoingState now = state;
    long total = regions.totalPages();
    long current = total - regions.stalePages() - regions.resentPages();
    long sent =
        now.isCommitted()
            ? current + counters.pagesSent()
            : Math.min(total, counters.precopyPagesSent());
    return new OutgoingProgress(
        now,
        sent,
        total,
        regions.basePageBytes(),
        Math.max(0, now.isCommitted() ? total - sent : unsentOfRound()),
        counters.requests.sum(),
        counters.bytesSent.sum(),
        now.isFinal() ? 0 : throughput.bytesPerSecond(),
        limit.bytesPerSecond(),
        limit.isPaused(),
        dirtyBytesPerSecond,
        bulkConnections,
        outage.describe(nowNanos),
        report);
  }

  private long unsentOfRound() {
    Round current = round;
    return current.pages() - (counters.precopyPagesSent() - current.sentBefore());
  }
}
