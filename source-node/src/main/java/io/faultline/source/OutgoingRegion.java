package io.faultline.source;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;
import io.faultline.source.scan.ScanRegion;

/**
 * The state of one region of guest memory in an outgoing migration.
 *
 * <p>Before the switchover, {@link #dirty} holds the base pages whose current content the
 * destination does not have: all pages at first, later those written since they were sent. At the
 * switchover, with the VM paused, the dirty pages become the <i>stale</i> units. From then on the
 * <i>sent</i> bitmap is the only truth about what was sent: a unit is claimed in it before it is
 * sent, on whichever connection.
 *
 * <p>A <i>unit</i> is what the destination can place at a time: a page of the backing with COPY, a
 * base page with CONTINUE.
 */
final class OutgoingRegion implements ScanRegion {
  /** Sampling periods of the dirty log that the middle generation of hot pages covers. */
  private static final int PERIODS = 16;

  private final MemoryRegion memory;
  private final int unitPages;
  private final Placement placement;
  private final PageBitmap dirty;
  private final PageBitmap stale;
  private final PageBitmap sent;

  /** Units that the destination must discard next. */
  private final PageBitmap discards;

  /** Units that were sent as discards before. */
  private final PageBitmap discarded;

  /** Base pages by when they were written, the most recent generation first. */
  private final PageBitmap[] written = new PageBitmap[HOT_GENERATIONS];

  /** The same in units, from the switchover on. */
  private final PageBitmap[] hot = new PageBitmap[HOT_GENERATIONS];

  private PageBitmap expected = NONE;
  private long samples;

  /** All pages are dirty. */
  OutgoingRegion(MemoryRegion memory, Placement placement) {
    this.memory = memory;
    this.placement = placement;
    this.unitPages = placement == Placement.COPY ? memory.basePagesPerPage() : 1;
    long units = memory.basePageCount() / unitPages;
    dirty = new PageBitmap(memory.basePageCount());
    stale = new PageBitmap(units);
    sent = new PageBitmap(units);
    discards = new PageBitmap(units);
    discarded = new PageBitmap(units);
    dirty.setAll();
    sent.setAll();
    for (int i = 0; i < HOT_GENERATIONS; i++) {
      written[i] = new PageBitmap(memory.basePageCount());
      hot[i] = unitPages == 1 ? written[i] : new PageBitmap(units);
    }
  }

  MemoryRegion memory() {
    return memory;
  }

  @Override
  public int unitPages() {
    return unitPages;
  }

  @Override
  public long unitBytes() {
    return unitPages * memory.basePageBytes();
  }

  @Override
  public int unitsPerPage() {
    return memory.basePagesPerPage() / unitPages;
  }

  /** Base pages that the destination lacks, up to {@link #markStale}. */
  PageBitmap dirty() {
    return dirty;
  }

  /** Units that the destination lacked at the switchover. Constant from then on. */
  PageBitmap stale() {
    return stale;
  }

  @Override
  public PageBitmap sent() {
    return sent;
  }

  /** Valid from the switchover on. */
  @Override
  public PageBitmap hot(int generation) {
    return hot[generation];
  }

  @Override
  public PageBitmap expected() {
    return expected;
  }

  /** Sets the base pages that the guest needs soon. */
  void expect(PageBitmap pages) {
    expected = new PageBitmap(sent.pageCount());
    setUnits(pages, expected);
  }

  /** Adds the pages written since the last call to the dirty pages and to the hot ones. */
  void collect(DirtyLog log) {
    samples++;
    if (samples % PERIODS == 0) {
      written[1].takeInto(written[2]);
    }
    written[0].takeInto(written[1]);
    log.collect(memory, written[0]);
    dirty.or(written[0]);
  }

  /** At the switchover, with the VM paused: the dirty pages become stale. */
  void markStale() {
    setUnits(dirty, stale);
    sent.clear(stale);
    for (int i = 0; i < HOT_GENERATIONS; i++) {
      if (unitPages == 1) {
        hot[i] = written[i];
      } else {
        setUnits(written[i], hot[i]);
      }
    }
  }

  /**
   * Computes {@link #discards}: the dirty units that were not sent as discards before. After this
   * no round may send pages.
   *
   * @return base pages to discard
   */
  long findDiscards() {
    discards.clear(0, discards.pageCount());
    setUnits(dirty, discards);
    discards.clear(discarded);
    return discards.count() * unitPages;
  }

  /** The current {@link #discards} are about to be sent, and must not be sent again. */
  void markDiscarded() {
    discarded.or(discards);
  }

  /** Units that the destination must discard. Changed by {@link #findDiscards} only. */
  PageBitmap discards() {
    return discards;
  }

  /** Sets the units that contain at least one of the {@code pages}. */
  private void setUnits(PageBitmap pages, PageBitmap units) {
    if (unitPages == 1) {
      units.or(pages); // 64 at a time: the VM is paused
      return;
    }
    long first = pages.nextSet(0);
    while (first < pages.pageCount()) {
      long end = pages.nextClear(first);
      units.set(first / unitPages, Math.ceilDiv(end, unitPages));
      first = pages.nextSet(end);
    }
  }

  /**
   * Marks base pages that the destination does not have as unsent. With CONTINUE only stale ones:
   * the destination may not have been notified yet that the others are current.
   *
   * @return base pages that had been sent, and will be sent again
   */
  long markMissing(long first, long end) {
    long firstUnit = first / unitPages;
    long endUnit = Math.ceilDiv(end, unitPages);
    if (placement == Placement.COPY) {
      return clearSent(firstUnit, endUnit);
    }
    long resent = 0;
    for (long run = stale.nextSet(firstUnit, endUnit); run < endUnit; ) {
      long runEnd = stale.nextClear(run, endUnit);
      resent += clearSent(run, runEnd);
      run = stale.nextSet(runEnd, endUnit);
    }
    return resent;
  }

  /** Marks base pages that the destination has as sent. */
  void markReceived(long first, long end) {
    long firstUnit = Math.ceilDiv(first, unitPages);
    sent.set(firstUnit, Math.max(firstUnit, end / unitPages));
  }

  private long clearSent(long firstUnit, long endUnit) {
    long resent = sent.count(firstUnit, endUnit);
    sent.clear(firstUnit, endUnit);
    return resent * unitPages;
  }

  /** Base pages in the stale units. */
  long stalePages() {
    return stale.count() * unitPages;
  }
}
