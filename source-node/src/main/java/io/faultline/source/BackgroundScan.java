package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.ZeroPages;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Pushes all pages that nobody has claimed. It goes on from the page that was requested last, since
 * what is near is likely to be touched next, and round to what it left behind.
 *
 * <p>Belongs to the bulk loop, but for {@link #goOnFrom} and {@link #stop}.
 */
final class BackgroundScan {
  /** A run of base pages is sent in frames of up to this, one huge page at a time. */
  private static final long MAX_RUN_BYTES = 256 << 10;

  private static final long FLUSH_BYTES = 1 << 20;
  private static final long NO_HINT = -1;
  private static final int REGION_SHIFT = 40;

  private final OutgoingRegions regions;
  private final PageSink sink;
  private final OutgoingCounters counters;
  private final AtomicLong hint = new AtomicLong(NO_HINT);

  private int region;
  private long cursor;
  private boolean finished;
  private boolean pushing;
  private volatile boolean stopped;
  private long pagesSent;

  BackgroundScan(OutgoingRegions regions, PageSink sink, OutgoingCounters counters) {
    this.regions = regions;
    this.sink = sink;
    this.counters = counters;
  }

  /** Any thread: a page was requested; go on behind it. */
  void goOnFrom(int requestedRegion, long requestedPage) {
    hint.lazySet(((long) requestedRegion << REGION_SHIFT) | requestedPage);
  }

  /** Any thread: reads and sends no further run of pages, since guest memory may go soon. */
  void stop() {
    stopped = true;
  }

  /** Pages sent on this connection. */
  long pagesSent() {
    return pagesSent;
  }

  /**
   * Sends until the sink is full or nothing is left. A sink may call back from within its methods,
   * as Netty does when a channel becomes writable, or stops being so: such a call does nothing, for
   * a frame in the middle of another's would break the stream, and the call around it goes on.
   *
   * @return whether every page of every region is claimed and sent; true once
   */
  boolean push() {
    if (pushing || finished) {
      return false;
    }
    pushing = true;
    try {
      while (hasMore()) {
        fillSink();
        sink.flush();
      }
    } finally {
      pushing = false;
    }
    return finished;
  }

  private boolean hasMore() {
    return !finished && !stopped && sink.isWritable();
  }

  private void fillSink() {
    long unflushed = 0;
    while (unflushed < FLUSH_BYTES && hasMore()) {
      unflushed += pushRun();
    }
  }

  /** Claims and sends the next run; returns about how many bytes that was. */
  private long pushRun() {
    takeHint();
    if (!moveToUnsent()) {
      finished = true;
      return 0;
    }
    MemoryRegion memory = regions.region(region);
    long most = Math.max(1, MAX_RUN_BYTES / memory.pageBytes());
    long claimed = regions.sent(region).claimRun(cursor, most);
    long end = cursor + claimed;
    for (long page = cursor; page < end; ) {
      page = sendAlike(memory, page, end);
    }
    cursor = end;
    pagesSent += claimed;
    return claimed * memory.pageBytes();
  }

  private void takeHint() {
    if (hint.getOpaque() != NO_HINT) {
      long taken = hint.getAndSet(NO_HINT);
      region = (int) (taken >>> REGION_SHIFT);
      cursor = taken & ((1L << REGION_SHIFT) - 1);
    }
  }

  /** Moves the cursor to the next page that is not sent, round through all regions. */
  private boolean moveToUnsent() {
    for (int tried = 0; tried <= regions.count(); tried++) {
      PageBitmap sent = regions.sent(region);
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
  private long sendAlike(MemoryRegion memory, long first, long end) {
    boolean zero = isZero(memory, first);
    long next = first + 1;
    while (next < end && isZero(memory, next) == zero) {
      next++;
    }
    int count = (int) (next - first);
    if (zero) {
      sink.sendZeros(memory, first, count);
      counters.zeroPages.add(count);
    } else {
      sink.sendData(memory, first, count);
      counters.backgroundPages.add(count);
    }
    return next;
  }

  private static boolean isZero(MemoryRegion memory, long page) {
    long offset = page * memory.pageBytes();
    return ZeroPages.isZero(memory.guest().dataAddress(offset), memory.pageBytes());
  }
}
