package io.faultline.source;

import io.faultline.memory.PageBitmap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Pushes all units that nobody has claimed, behind the switchover. It goes on from the page that
 * was requested last, since what is near is likely to be touched next, and round to what it left
 * behind.
 *
 * <p>Belongs to the bulk loop, but for {@link #goOnFrom}.
 */
final class BackgroundScan implements BulkPump.Work {
  /** A run of small units is sent in frames of up to this, one huge page at a time. */
  private static final long MAX_RUN_BYTES = 256 << 10;

  private static final long NO_HINT = -1;
  private static final int REGION_SHIFT = 40;

  private final OutgoingRegions regions;
  private final PageSink sink;
  private final OutgoingCounters counters;
  private final AtomicLong hint = new AtomicLong(NO_HINT);

  private int region;
  private long cursor;
  private long pagesSent;

  BackgroundScan(OutgoingRegions regions, PageSink sink, OutgoingCounters counters) {
    this.regions = regions;
    this.sink = sink;
    this.counters = counters;
  }

  /** Any thread: a base page was requested; go on behind it. */
  void goOnFrom(int requestedRegion, long requestedPage) {
    hint.lazySet(((long) requestedRegion << REGION_SHIFT) | requestedPage);
  }

  /** Base pages sent on this connection. */
  long pagesSent() {
    return pagesSent;
  }

  @Override
  public long sendNext() {
    takeHint();
    if (!moveToUnsent()) {
      return 0;
    }
    OutgoingRegion from = regions.get(region);
    long most = Math.max(1, MAX_RUN_BYTES / from.unitBytes());
    long claimed = from.sent().claimRun(cursor, most);
    int grain = from.unitPages();
    long end = (cursor + claimed) * grain;
    for (long page = cursor * grain; page < end; ) {
      page = sendAlike(from, page, end);
    }
    cursor += claimed;
    pagesSent += claimed * grain;
    return Math.max(1, claimed * from.unitBytes()); // a unit that was taken before us is progress
  }

  private void takeHint() {
    if (hint.getOpaque() != NO_HINT) {
      long taken = hint.getAndSet(NO_HINT);
      region = (int) (taken >>> REGION_SHIFT);
      cursor = (taken & ((1L << REGION_SHIFT) - 1)) / regions.get(region).unitPages();
    }
  }

  /** Moves the cursor to the next unit that is not sent, round through all regions. */
  private boolean moveToUnsent() {
    for (int tried = 0; tried <= regions.count(); tried++) {
      PageBitmap sent = regions.get(region).sent();
      cursor = sent.nextClear(cursor);
      if (cursor < sent.pageCount()) {
        return true;
      }
      region = (region + 1) % regions.count();
      cursor = 0;
    }
    return false;
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
