package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.ZeroPages;
import io.faultline.proto.WireException;

/** Answers page requests straight from guest memory. Belongs to the control loop. */
final class UrgentPages {
  private final OutgoingRegions regions;
  private final PageSink sink;
  private final OutgoingCounters counters;
  private long pagesSent;

  UrgentPages(OutgoingRegions regions, PageSink sink, OutgoingCounters counters) {
    this.regions = regions;
    this.sink = sink;
    this.counters = counters;
  }

  /** Pages sent on this connection. */
  long pagesSent() {
    return pagesSent;
  }

  /**
   * Sends a page unless it was sent before: then it is there or on its way, and the request is
   * dropped.
   */
  void serve(int regionId, long page) throws WireException {
    regions.check(regionId, page);
    counters.requests.increment();
    if (!regions.sent(regionId).claim(page)) {
      counters.duplicateRequests.increment();
      return;
    }
    MemoryRegion region = regions.region(regionId);
    long address = region.guest().dataAddress(page * region.pageBytes());
    if (ZeroPages.isZero(address, region.pageBytes())) {
      sink.sendZeros(region, page, 1);
      counters.zeroPages.increment();
    } else {
      sink.sendData(region, page, 1);
      counters.urgentPages.increment();
    }
    pagesSent++;
  }
}
