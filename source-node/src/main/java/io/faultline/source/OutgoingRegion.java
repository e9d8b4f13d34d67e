package io.faultline.source;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;

/**
 * One region on its way.
 *
 * <p>Before the switchover {@link #lacking} are the base pages whose content the destination does
 * not have. At the switchover they become the stale units, and from there on the <i>sent</i> bitmap
 * is the one truth about what was sent: a unit is claimed in it before it is sent, on whichever
 * connection.
 *
 * <p>A <i>unit</i> is what the destination can place: with COPY a page of the backing, with
 * CONTINUE a base page.
 */
final class OutgoingRegion {
  /**
   * What was written, by how long before the switchover: in the last period between two questions
   * to the dirty log, in some {@value #PERIODS} periods before it, and any time since it was
   * started.
   */
  static final int GENERATIONS = 3;

  private static final int PERIODS = 16;

  private final MemoryRegion memory;
  private final int unitPages;
  private final Placement placement;
  private final PageBitmap lacking;
  private final PageBitmap stale;
  private final PageBitmap sent;

  /** Units that the destination is to discard now, and those that it was told before. */
  private final PageBitmap discards;

  private final PageBitmap discarded;

  /**
   * Base pages written in the last periods between two questions to the dirty log; newest first.
   */
  private final PageBitmap[] written = new PageBitmap[GENERATIONS];

  /** The same in units, from the switchover on. */
  private final PageBitmap[] hot = new PageBitmap[GENERATIONS];

  private long questions;

  OutgoingRegion(MemoryRegion memory, Placement placement) {
    this.memory = memory;
    this.placement = placement;
    this.unitPages = placement == Placement.COPY ? memory.basePagesPerPage() : 1;
    long units = memory.basePageCount() / unitPages;
    lacking = new PageBitmap(memory.basePageCount());
    stale = new PageBitmap(units);
    sent = new PageBitmap(units);
    discards = new PageBitmap(units);
    discarded = new PageBitmap(units);
    lacking.setAll();
    sent.setAll();
    for (int i = 0; i < GENERATIONS; i++) {
      written[i] = new PageBitmap(memory.basePageCount());
      hot[i] = unitPages == 1 ? written[i] : new PageBitmap(units);
    }
  }

  MemoryRegion memory() {
    return memory;
  }

  /** Base pages in a unit. */
  int unitPages() {
    return unitPages;
  }

  long unitBytes() {
    return unitPages * memory.basePageBytes();
  }

  /** Units in one page of the backing. */
  int unitsPerPage() {
    return memory.basePagesPerPage() / unitPages;
  }

  /** Base pages that the destination lacks, until {@link #settle}. */
  PageBitmap lacking() {
    return lacking;
  }

  /** Units that were out of date at the switchover. Does not change any more. */
  PageBitmap stale() {
    return stale;
  }

  /** Units that need not be sent, or were. */
  PageBitmap sent() {
    return sent;
  }

  /** Adds what was written since the log was asked last to what is lacking, and remembers it. */
  void collect(DirtyLog log) {
    questions++;
    if (questions % PERIODS == 0) {
      written[1].takeInto(written[2]);
    }
    written[0].takeInto(written[1]);
    log.collect(memory, written[0]);
    lacking.or(written[0]);
  }

  /**
   * Units that were written before the switchover; from there on.
   *
   * @param generation 0 for the last, up to {@link #GENERATIONS}
   */
  PageBitmap hot(int generation) {
    return hot[generation];
  }

  /** At the switchover, the VM paused: what is lacking now is stale. */
  void settle() {
    setUnits(lacking, stale);
    sent.clear(stale);
    for (int i = 0; i < GENERATIONS; i++) {
      if (unitPages == 1) {
        hot[i] = written[i];
      } else {
        setUnits(written[i], hot[i]);
      }
    }
  }

  /**
   * Finds out what the destination has to discard and was not told yet; returns how many base pages
   * these are. No round may follow that sends pages.
   */
  long findDiscards() {
    discards.clear(0, discards.pageCount());
    setUnits(lacking, discards);
    discards.clear(discarded);
    return discards.count() * unitPages;
  }

  /** The destination is told now, and need not be again. */
  void discarding() {
    discarded.or(discards);
  }

  /** What it is told. Changes with {@link #findDiscards} alone. */
  PageBitmap discards() {
    return discards;
  }

  /** Sets the units that have a page of {@code pages} in them. */
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
   * Takes base pages that the destination does not have as not sent. With CONTINUE it may not have
   * heard yet that pages are current: only stale ones count.
   *
   * @return base pages that had been sent, and are to be sent again
   */
  long resend(long first, long end) {
    long unit = first / unitPages;
    long last = Math.ceilDiv(end, unitPages);
    if (placement == Placement.COPY) {
      return clearSent(unit, last);
    }
    long again = 0;
    for (long run = stale.nextSet(unit, last); run < last; ) {
      long runEnd = stale.nextClear(run, last);
      again += clearSent(run, runEnd);
      run = stale.nextSet(runEnd, last);
    }
    return again;
  }

  /** Takes base pages that the destination has as sent. */
  void received(long first, long end) {
    long unit = Math.ceilDiv(first, unitPages);
    sent.set(unit, Math.max(unit, end / unitPages));
  }

  private long clearSent(long unit, long end) {
    long again = sent.count(unit, end);
    sent.clear(unit, end);
    return again * unitPages;
  }

  /** Base pages that are stale. */
  long stalePages() {
    return stale.count() * unitPages;
  }
}
