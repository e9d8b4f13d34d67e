package io.faultline.source;

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
  private final MemoryRegion memory;
  private final int unitPages;
  private final PageBitmap lacking;
  private final PageBitmap stale;
  private final PageBitmap sent;

  OutgoingRegion(MemoryRegion memory, Placement placement) {
    this.memory = memory;
    this.unitPages = placement == Placement.COPY ? memory.basePagesPerPage() : 1;
    long units = memory.basePageCount() / unitPages;
    lacking = new PageBitmap(memory.basePageCount());
    stale = new PageBitmap(units);
    sent = new PageBitmap(units);
    lacking.setAll();
    sent.setAll();
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

  /** At the switchover, the VM paused: what is lacking now is stale. */
  void settle() {
    long first = lacking.nextSet(0);
    while (first < lacking.pageCount()) {
      long end = lacking.nextClear(first);
      long firstUnit = first / unitPages;
      long endUnit = Math.ceilDiv(end, unitPages);
      stale.set(firstUnit, endUnit);
      sent.clear(firstUnit, endUnit);
      first = lacking.nextSet(end);
    }
  }

  /** Base pages that are stale. */
  long stalePages() {
    return stale.count() * unitPages;
  }
}
