package io.faultline.source;

import io.faultline.memory.MemoryRegion;

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

  BackgroundScan(
      OutgoingRegions regions, ScanOrder order, PageSink sink, OutgoingCounters counters) {
    this.regions = regions;
    this.order = order;
    this.sink = sink;
    this.counters = counters;
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
    long bytes = 0;
    for (long page = run.unit * grain; page < end; ) {
      boolean zero = PageRuns.isZero(from.memory(), page, grain);
      long next = PageRuns.endOfAlike(from.memory(), page, end, grain, zero);
      bytes += send(from.memory(), page, Math.toIntExact(next - page), zero);
      page = next;
    }
    return Math.max(1, bytes); // a unit that was taken before us is progress
  }

  /**
   * Returns the bytes that this counts for; zeros as if they were sent, so that they go out soon.
   */
  private long send(MemoryRegion memory, long page, int count, boolean zero) {
    if (zero) {
      sink.sendZeros(memory, page, count);
      counters.zeroPages.add(count);
      return count * memory.basePageBytes();
    }
    counters.backgroundPages.add(count);
    return sink.sendData(memory, page, count);
  }
}
