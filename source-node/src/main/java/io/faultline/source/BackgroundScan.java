package io.faultline.source;

/**
 * Pushes all units that nobody has claimed, behind the switchover, in the order that {@link
 * ScanOrder} chooses. Belongs to the bulk loop.
 */
final class BackgroundScan implements BulkPump.Work {
  /** A run of small units is sent in frames of up to this, one huge page at a time. */
  private static final long MAX_RUN_BYTES = 256 << 10;

  private final OutgoingRegions regions;
  private final ScanOrder order;
  private final PageSink sink;
  private final OutgoingCounters counters;
  private long pagesSent;

  BackgroundScan(
      OutgoingRegions regions, ScanOrder order, PageSink sink, OutgoingCounters counters) {
    this.regions = regions;
    this.order = order;
    this.sink = sink;
    this.counters = counters;
  }

  /** Base pages sent on this connection. */
  long pagesSent() {
    return pagesSent;
  }

  @Override
  public long sendNext() {
    if (!order.next()) {
      return 0;
    }
    ScanOrder.Run run = order.run();
    OutgoingRegion from = regions.get(run.region);
    long most = Math.min(run.end - run.unit, Math.max(1, MAX_RUN_BYTES / from.unitBytes()));
    long claimed = from.sent().claimRun(run.unit, most);
    int grain = from.unitPages();
    long end = (run.unit + claimed) * grain;
    for (long page = run.unit * grain; page < end; ) {
      page = sendAlike(from, page, end);
    }
    pagesSent += claimed * grain;
    return Math.max(1, claimed * from.unitBytes()); // a unit that was taken before us is progress
  }

  /** Sends the pages from {@code first} on that are all zero or all not; returns the next. */
  private long sendAlike(OutgoingRegion from, long first, long end) {
    int grain = from.unitPages();
    boolean zero = PageRuns.isZero(from.memory(), first, grain);
    long next = PageRuns.endOfAlike(from.memory(), first, end, grain, zero);
    int count = Math.toIntExact(next - first);
    if (zero) {
      sink.sendZeros(from.memory(), first, count);
      counters.zeroPages.add(count);
    } else {
      sink.sendData(from.memory(), first, count);
      counters.backgroundPages.add(count);
    }
    return next;
  }
}
