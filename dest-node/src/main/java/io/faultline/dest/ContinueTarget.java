package io.faultline.dest;

import io.faultline.dest.recording.PlacementLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Placement continue: writes pages through the transfer mapping. Before the guest runs here,
 * nothing else is necessary. Afterwards each base page is claimed before it is written, and a page
 * of the backing is mapped once all its base pages are current. If two threads complete a page at
 * the same time, at least one of them sees that it is complete.
 */
final class ContinueTarget implements PageTarget {
  private final CurrentPages pages;
  private final InFlightRun inFlight;
  private final PagePlacer placer;
  private final Supplier<GuestPhase> phase;
  private final @Nullable PlacementLog log;

  // The run whose address was requested, and how many of its pages are claimed, from the first on.
  private @Nullable MemoryRegion claimedRegion;
  private long claimedFirst;
  private long claimed;

  /**
   * @param inFlight that of this connection
   * @param log records the pages that are mapped; null for nothing
   */
  ContinueTarget(
      CurrentPages pages,
      InFlightRun inFlight,
      PagePlacer placer,
      Supplier<GuestPhase> phase,
      @Nullable PlacementLog log) {
    this.pages = pages;
    this.inFlight = inFlight;
    this.placer = placer;
    this.phase = phase;
    this.log = log;
  }

  @Override
  public void begin(MemoryRegion region, long firstPage, long count) {}

  @Override
  public void data(MemoryRegion region, long offset, long address, long bytes) {
    if (phase.get() != GuestPhase.RUNNING) {
      long to = region.transfer().dataAddress(offset);
      if (address != to) {
        NativeCopy.copy(address, to, bytes);
      }
      return;
    }
    long page = region.basePageBytes();
    long first = offset / page;
    long end = first + bytes / page;
    for (long next = first; next < end; ) {
      next += Math.max(1, write(region, next, end - next, address + (next - first) * page));
    }
  }

  @Override
  public long unitBytes(MemoryRegion region) {
    return region.basePageBytes();
  }

  /**
   * An address in the transfer mapping. While the guest runs at the source, no page is current, so
   * a partial or damaged run may be written there: the source reports a page as current only if it
   * arrived complete. Once the guest runs here, the whole run must be claimed first, and stays in
   * flight until it is complete.
   */
  @Override
  public long directAddress(MemoryRegion region, long offset, long bytes) {
    boolean free =
        switch (phase.get()) {
          case PRECOPY -> true;
          case SWITCHOVER -> false;
          case RUNNING -> claimAll(region, offset / region.basePageBytes(), bytes);
        };
    return free ? region.transfer().dataAddress(offset) : 0;
  }

  private boolean claimAll(MemoryRegion region, long first, long bytes) {
    long count = bytes / region.basePageBytes();
    claimedRegion = region;
    claimedFirst = first;
    claimed = claim(region, first, count);
    return claimed == count;
  }

  @Override
  public void giveUp() {
    MemoryRegion region = claimedRegion;
    if (region != null && claimed > 0) {
      pages.of(region).clear(claimedFirst, claimedFirst + claimed);
      claimed = 0;
      inFlight.close(); // after clearing the bits: see CurrentPages
    }
  }

  @Override
  public void zeros(MemoryRegion region, long firstPage, long count) {
    long pageBytes = region.basePageBytes();
    if (phase.get() != GuestPhase.RUNNING) {
      NativeCopy.clear(region.transfer().dataAddress(firstPage * pageBytes), count * pageBytes);
      return;
    }
    long end = firstPage + count;
    for (long page = firstPage; page < end; ) {
      long run = claim(region, page, Math.min(end - page, InFlightRun.MAX_PAGES));
      if (run > 0) {
        NativeCopy.clear(region.transfer().dataAddress(page * pageBytes), run * pageBytes);
        inFlight.close();
        mapWhole(region, page, page + run);
      }
      page += Math.max(1, run);
    }
  }

  @Override
  public void current(MemoryRegion region, long firstPage, long count) {
    pages.of(region).set(firstPage, firstPage + count);
    mapWhole(region, firstPage, firstPage + count);
  }

  @Override
  public void close() {}

  /**
   * Writes and maps the pages from {@code first} on that are claimed or can be claimed; returns how
   * many. A page that cannot be claimed is a late duplicate: the guest may have changed it.
   */
  private long write(MemoryRegion region, long first, long most, long address) {
    long run = claimed > 0 ? claimed : claim(region, first, most);
    claimed = 0;
    if (run > 0) {
      long page = region.basePageBytes();
      long to = region.transfer().dataAddress(first * page);
      if (address != to) {
        NativeCopy.copy(address, to, run * page);
      }
      inFlight.close();
      mapWhole(region, first, first + run);
    }
    return run;
  }

  /**
   * Claims pages from {@code first} up to the first that is already claimed, and leaves them marked
   * as in flight.
   */
  private long claim(MemoryRegion region, long first, long most) {
    inFlight.open(region, first, most);
    PageBitmap current = pages.of(region);
    long run = current.claimRun(first, most);
    if (run == 0) {
      inFlight.close();
    } else if (run < most) {
      inFlight.open(region, first, run); // another connection claimed the next page
    }
    return run;
  }

  /** Maps those pages of the backing that contain part of a run and are complete. */
  private void mapWhole(MemoryRegion region, long first, long end) {
    int grain = region.basePagesPerPage();
    if (grain == 1) {
      if (end > first) {
        map(region, first, end - first);
      }
      return;
    }
    for (long page = first / grain; page * grain < end; page++) {
      if (pages.areWhole(region, page * grain, (page + 1) * grain)) {
        map(region, page * grain, grain);
      }
    }
  }

  /** Maps whole pages of the backing; numbers count base pages. */
  private void map(MemoryRegion region, long first, long count) {
    placer.map(region, first * region.basePageBytes(), count * region.basePageBytes());
    if (log != null) {
      log.mapped(region, first, count);
    }
  }
}
