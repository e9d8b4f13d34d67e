package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;

/**
 * One pass over what the destination lacks, while the VM runs. A page is taken off the list before
 * it is read: if it is written afterwards, the dirty log puts it there again.
 *
 * <p>Belongs to the bulk loop, but for {@link #cut}. Between two rounds the list is the control
 * loop's.
 */
final class PrecopyRound implements BulkPump.Work {
  /** Pages are sent in frames of up to this, and of at least a unit. */
  private static final long MAX_RUN_BYTES = 256 << 10;

  private final OutgoingRegions regions;
  private final Placement placement;
  private final boolean first;
  private final PageSink sink;
  private final OutgoingCounters counters;

  private int region;
  private long cursor;
  private volatile boolean cut;

  /**
   * @param first whether the destination has nothing yet
   */
  PrecopyRound(
      OutgoingRegions regions,
      Placement placement,
      boolean first,
      PageSink sink,
      OutgoingCounters counters) {
    this.regions = regions;
    this.placement = placement;
    this.first = first;
    this.sink = sink;
    this.counters = counters;
  }

  /** Any thread: ends the round early; what it did not come to stays on the list. */
  void cut() {
    cut = true;
  }

  @Override
  public long sendNext() {
    while (region < regions.count() && !cut) {
      OutgoingRegion from = regions.get(region);
      PageBitmap lacking = from.lacking();
      cursor = lacking.nextSet(cursor);
      if (cursor < lacking.pageCount()) {
        return sendRun(from);
      }
      region++;
      cursor = 0;
    }
    return 0;
  }

  private long sendRun(OutgoingRegion from) {
    MemoryRegion memory = from.memory();
    // What is not there yet can only be placed as a whole; of what is, parts can be renewed.
    int grain = first ? from.unitPages() : 1;
    long most = Math.max(grain, MAX_RUN_BYTES / memory.basePageBytes());
    long furthest = Math.min(memory.basePageCount(), cursor + most);
    long end = from.lacking().nextClear(cursor, furthest);
    from.lacking().clear(cursor, end);
    long run = cursor;
    cursor = end;
    long bytes = 1;
    while (run < end) {
      boolean zero = PageRuns.isZero(memory, run, grain);
      long next = PageRuns.endOfAlike(memory, run, end, grain, zero);
      bytes += send(memory, run, Math.toIntExact(next - run), zero);
      run = next;
    }
    return bytes;
  }

  private long send(MemoryRegion memory, long page, int count, boolean zero) {
    if (!zero) {
      counters.precopyPages.add(count);
      return sink.sendLive(memory, page, count);
    }
    counters.precopyZeroPages.add(count);
    if (!first || placement != Placement.CONTINUE) { // a hole in a memory file reads as zeros
      sink.sendZeros(memory, page, count);
    }
    return 0;
  }
}
