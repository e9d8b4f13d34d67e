package io.faultline.dest;

import io.faultline.dest.takeover.WrittenPages;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * With placement continue, from the moment that the guest runs here: one bit for each base page,
 * whether its contents are current or are being written. The kernel cannot refuse a late write,
 * since it goes through the transfer mapping: so the bit is claimed first, then the page is
 * written, then UFFDIO_CONTINUE maps it for the guest. A thread that does not get the bit must not
 * write.
 *
 * <p>Thread-safe.
 */
final class CurrentPages {
  private final PageBitmap[] current;
  private final WrittenPages written;
  private final List<InFlightRun> inFlight = new CopyOnWriteArrayList<>();

  /**
   * @param written takes note of pages that are current and completely written
   */
  CurrentPages(List<MemoryRegion> regions, WrittenPages written) {
    this.written = written;
    current =
        regions.stream()
            .map(region -> new PageBitmap(region.basePageCount()))
            .toArray(PageBitmap[]::new);
  }

  /** The bits of a region. */
  PageBitmap of(MemoryRegion region) {
    return current[region.id()];
  }

  /** Sets the bits of pages whose contents are already there. */
  void set(MemoryRegion region, long first, long end) {
    written.add(region.id(), first, end); // first, since the guest may see them next
    of(region).set(first, end);
  }

  /**
   * Claimed pages are completely written. Call before the run in flight is closed: then the guest
   * may see them.
   */
  void written(MemoryRegion region, long first, long end) {
    written.add(region.id(), first, end);
  }

  /** A copy of the bits, indexed by region. No page may be placed meanwhile. */
  PageBitmap[] copy() {
    PageBitmap[] copy = new PageBitmap[current.length];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = new PageBitmap(current[i].pageCount());
      copy[i].or(current[i]);
    }
    return copy;
  }

  /** Creates the in-flight run of a connection; before the first page arrives on it. */
  InFlightRun newInFlightRun() {
    InFlightRun run = new InFlightRun();
    inFlight.add(run);
    return run;
  }

  /**
   * Whether all pages of a run are current and completely written, so that the guest may see them.
   */
  boolean areWhole(MemoryRegion region, long first, long end) {
    // The bits first, then the runs in flight (see InFlightRun). The bits again, because a run may
    // have been given up in between.
    return of(region).isFull(first, end)
        && !areBeingWritten(region, first, end)
        && of(region).isFull(first, end);
  }

  private boolean areBeingWritten(MemoryRegion region, long first, long end) {
    for (int i = 0; i < inFlight.size(); i++) { // an iterator would allocate an object per page
      if (inFlight.get(i).touches(region, first, end)) {
        return true;
      }
    }
    return false;
  }
}
