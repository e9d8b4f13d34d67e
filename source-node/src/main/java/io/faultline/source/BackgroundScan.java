package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.source.scan.ScanOrder;

/**
 * After the switchover, sends all units that no one has claimed, in the order that {@link
 * ScanOrder} chooses. Confined to the bulk loop.
 */
final class BackgroundScan implements BulkPump.Work, ZeroRuns.Sender {
  /** The longest run of small units in one frame. Huge pages are sent one at a time. */
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
  public boolean isPausable() {
    return true;
  }

  @Override
  public long sendNext() {
    if (!order.next()) {
      return 0;
    }
    OutgoingRegion region = regions.get(order.region());
    long unit = order.firstUnit();
    long most = Math.min(order.endUnit() - unit, Math.max(1, MAX_RUN_BYTES / region.unitBytes()));
    long claimed = region.sent().claimRun(unit, most);
    int grain = region.unitPages();
    long pages = claimed * grain;
    long first = unit * grain;
    long bytes = ZeroRuns.send(region.memory(), first, first + pages, grain, pages, this);
    return Math.max(1, bytes); // another loop may have claimed all of it
  }

  /** Zero pages count as if their data were sent, so that they are flushed soon. */
  @Override
  public long send(MemoryRegion memory, long firstPage, int count, boolean zero) {
    if (zero) {
      sink.sendZeros(memory, firstPage, count);
      counters.zeroPages.add(count);
      return count * memory.basePageBytes();
    }
    counters.backgroundPages.add(count);
    return sink.sendData(memory, firstPage, count);
  }
}
