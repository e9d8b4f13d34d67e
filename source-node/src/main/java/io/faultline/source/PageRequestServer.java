package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;

/**
 * Answers page requests straight from guest memory. Belongs to the control loop.
 *
 * <p>Asked for is a page of the backing; sent are the stale units in it that nobody has claimed.
 * With CONTINUE, where those are all there are, the answer says so: the page is current then. Where
 * the background scan has claimed some, the destination learns that from the stale set, which
 * travels before them on their connection.
 */
final class PageRequestServer {
  /** The most of a run, which the destination puts together before it looks at it. */
  private static final long MAX_RUN_BYTES = 2 << 20;

  private final OutgoingRegions regions;
  private final boolean tellCurrent;
  private final PageSink sink;
  private final OutgoingCounters counters;
  private long pagesSent;

  /**
   * @param tellCurrent whether the destination wants to know where nothing is left to send
   */
  PageRequestServer(
      OutgoingRegions regions, boolean tellCurrent, PageSink sink, OutgoingCounters counters) {
    this.regions = regions;
    this.tellCurrent = tellCurrent;
    this.sink = sink;
    this.counters = counters;
  }

  /** Base pages sent on this connection. */
  long pagesSent() {
    return pagesSent;
  }

  /**
   * Sends what is stale of the page around a base page, unless it was sent before: then it is there
   * or on its way, and the request is dropped.
   */
  void serve(int regionId, long page) throws WireException {
    OutgoingRegion region = regions.check(regionId, page);
    counters.requests.increment();
    int units = region.unitsPerPage();
    long first = page / region.memory().basePagesPerPage() * units;
    long claimed = sendStale(region, first, first + units);
    long stale = region.stale().count(first, first + units);
    if (tellCurrent && claimed == stale) {
      sink.sendCurrent(region.memory(), first * region.unitPages(), units * region.unitPages());
      counters.currentAnswers.add(claimed == 0 ? 1 : 0);
    } else if (claimed == 0) {
      counters.duplicateRequests.increment();
    }
  }

  /** Sends what is stale of pages that the VM begins with, before it asks for them. */
  void bring(PageRange pages) {
    OutgoingRegion region = regions.get(pages.region());
    long unit = pages.first() / region.unitPages();
    long end = Math.ceilDiv(pages.first() + pages.count(), region.unitPages());
    while (unit < end) {
      unit += Math.max(1, bring(region, unit, end - unit));
    }
  }

  /** Has what was sent go out. */
  void flush() {
    sink.flush();
  }

  /** Whether more can be sent without piling up behind what is asked for next. */
  boolean isWritable() {
    return sink.isWritable();
  }

  /**
   * Sends a run of units that nobody asked for, up to the first that was sent before.
   *
   * @param most units, at least 1
   * @return units sent
   */
  long bring(OutgoingRegion region, long unit, long most) {
    long run = region.sent().claimRun(unit, most);
    sendRun(region, unit * region.unitPages(), (unit + run) * region.unitPages());
    counters.prefetchedPages.add(run * region.unitPages());
    return run;
  }

  /** Returns the units that were still to be sent. */
  private long sendStale(OutgoingRegion region, long first, long end) {
    long claimed = 0;
    long unit = region.sent().nextClear(first, end);
    while (unit < end) {
      long run = region.sent().claimRun(unit, end - unit);
      sendRun(region, unit * region.unitPages(), (unit + run) * region.unitPages());
      claimed += run;
      unit = region.sent().nextClear(unit + run, end);
    }
    return claimed;
  }

  private void sendRun(OutgoingRegion region, long first, long end) {
    MemoryRegion memory = region.memory();
    int grain = region.unitPages();
    long most = Math.max(grain, MAX_RUN_BYTES / memory.basePageBytes());
    for (long page = first; page < end; ) {
      boolean zero = PageRuns.isZero(memory, page, grain);
      long next = PageRuns.endOfAlike(memory, page, Math.min(end, page + most), grain, zero);
      int count = Math.toIntExact(next - page);
      if (zero) {
        sink.sendZeros(memory, page, count);
        counters.zeroPages.add(count);
      } else {
        sink.sendData(memory, page, count);
        counters.urgentPages.add(count);
      }
      page = next;
    }
    pagesSent += end - first;
  }
}
