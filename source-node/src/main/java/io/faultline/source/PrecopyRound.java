package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;

/**
 * One precopy round: sends all dirty pages while the VM runs. A page is marked clean before it is
 * read; if the VM writes it afterwards, the dirty log marks it dirty again.
 *
 * <p>Confined to the bulk loop, except {@link #cut}. Between rounds the control loop owns the dirty
 * bitmap.
 */
final class PrecopyRound implements BulkPump.Work, ZeroRuns.Sender {
  /** The longest run in one frame, unless a single unit is longer. */
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
   * @param first whether this is the first round, so that the destination has no page yet
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

  /** Ends the round early. The pages that it did not reach stay dirty. Any thread. */
  void cut() {
    cut = true;
  }

  @Override
  public boolean isPausable() {
    return !cut;
  }

  @Override
  public long sendNext() {
    while (region < regions.count() && !cut) {
      OutgoingRegion from = regions.get(region);
      PageBitmap dirty = from.dirty();
      cursor = dirty.nextSet(cursor);
      if (cursor < dirty.pageCount()) {
        return sendRun(from);
      }
      region++;
      cursor = 0;
    }
    return 0;
  }

  private long sendRun(OutgoingRegion from) {
    MemoryRegion memory = from.memory();
    // The destination can place a new page only as a whole, but can overwrite parts of it later.
    int grain = first ? from.unitPages() : 1;
    long most = Math.max(grain, MAX_RUN_BYTES / memory.basePageBytes());
    long run = cursor;
    long end = from.dirty().nextClear(run, Math.min(memory.basePageCount(), run + most));
    from.dirty().clear(run, end);
    cursor = end;
    return 1 + ZeroRuns.send(memory, run, end, grain, most, this);
  }

  @Override
  public long send(MemoryRegion memory, long firstPage, int count, boolean zero) {
    if (!zero) {
      counters.precopyPages.add(count);
      return sink.sendLive(memory, firstPage, count);
    }
    counters.precopyZeroPages.add(count);
    if (!first || placement != Placement.CONTINUE) { // a hole in a memory file reads as zeros
      sink.sendZeros(memory, firstPage, count);
    }
    return 0;
  }
}
