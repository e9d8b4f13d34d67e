package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.source.scan.Prefetcher;

/**
 * Answers page requests straight from guest memory. Confined to the control loop.
 *
 * <p>A request is for a page of the backing. The answer is the stale units in it that no one has
 * claimed. With CONTINUE, if these are all its stale units, the answer also says so: the page is
 * current once they are placed. If the background scan has claimed some, the destination knows that
 * from the stale set, which precedes them on their connection.
 */
final class PageRequestServer implements Prefetcher.Sink, ZeroRuns.Sender {
  /** The longest run in one frame. The destination assembles a frame before it places the run. */
  private static final long MAX_RUN_BYTES = 2 << 20;

  private final OutgoingRegions regions;
  private final boolean answerCurrent;
  private final PageSink sink;
  private final OutgoingCounters counters;
  private long pagesSent;

  /**
   * @param answerCurrent whether to answer that a page is current, as CONTINUE placement needs
   */
  PageRequestServer(
      OutgoingRegions regions, boolean answerCurrent, PageSink sink, OutgoingCounters counters) {
    this.regions = regions;
    this.answerCurrent = answerCurrent;
    this.sink = sink;
    this.counters = counters;
  }

  /** Base pages sent on this connection. */
  long pagesSent() {
    return pagesSent;
  }

  /**
   * Sends the stale units of the page of the backing that holds a base page. If they were sent
   * before, they have arrived or are in flight, and the request is dropped.
   */
  void serve(int regionId, long page) throws WireException {
    OutgoingRegion region = regions.check(regionId, page);
    counters.requests.increment();
    int units = region.unitsPerPage();
    long first = page / region.memory().basePagesPerPage() * units;
    long claimed = sendStale(region, first, first + units);
    long stale = region.stale().count(first, first + units);
    if (answerCurrent && claimed == stale) {
      sink.sendCurrent(region.memory(), first * region.unitPages(), units * region.unitPages());
      counters.currentAnswers.add(claimed == 0 ? 1 : 0);
    } else if (claimed == 0) {
      counters.duplicateRequests.increment();
    }
  }

  /** Sends the stale units in a range of pages that the VM needs first, before it requests them. */
  void prefetch(PageRange pages) {
    OutgoingRegion region = regions.get(pages.region());
    long unit = pages.first() / region.unitPages();
    long end = Math.ceilDiv(pages.first() + pages.count(), region.unitPages());
    while (unit < end) {
      unit += Math.max(1, prefetch(pages.region(), unit, end - unit));
    }
  }

  /** Sends out what was written. */
  void flush() {
    sink.flush();
  }

  @Override
  public boolean isWritable() {
    return sink.isWritable();
  }

  @Override
  public long prefetch(int regionId, long firstUnit, long most) {
    OutgoingRegion region = regions.get(regionId);
    long claimed = region.sent().claimRun(firstUnit, most);
    sendRun(region, firstUnit, claimed);
    counters.prefetchedPages.add(claimed * region.unitPages());
    return claimed;
  }

  /** Returns the units that were claimed and sent. */
  private long sendStale(OutgoingRegion region, long first, long end) {
    long sent = 0;
    long unit = region.sent().nextClear(first, end);
    while (unit < end) {
      long claimed = region.sent().claimRun(unit, end - unit);
      sendRun(region, unit, claimed);
      sent += claimed;
      unit = region.sent().nextClear(unit + claimed, end);
    }
    return sent;
  }

  private void sendRun(OutgoingRegion region, long firstUnit, long units) {
    int grain = region.unitPages();
    long most = Math.max(grain, MAX_RUN_BYTES / region.memory().basePageBytes());
    long first = firstUnit * grain;
    long pages = units * grain;
    ZeroRuns.send(region.memory(), first, first + pages, grain, most, this);
    pagesSent += pages;
  }

  @Override
  public long send(MemoryRegion memory, long firstPage, int count, boolean zero) {
    if (zero) {
      sink.sendZeros(memory, firstPage, count);
      counters.zeroPages.add(count);
      return 0;
    }
    counters.urgentPages.add(count);
    return sink.sendData(memory, firstPage, count);
  }
}
