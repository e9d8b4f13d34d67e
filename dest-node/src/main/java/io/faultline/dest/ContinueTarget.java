package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes pages through the transfer mapping. Before the guest runs here that is all; afterwards
 * each base page is claimed before it is written, and a page of the backing is mapped once all of
 * it is current. Of two threads that complete a page at the same time at least one sees that it is.
 */
final class ContinueTarget implements PageTarget {
  private final CurrentPages pages;
  private final InFlightRun window;
  private final PagePlacer placer;
  private final Supplier<GuestPhase> phase;

  // The run whose place was asked for: so many pages of it, from the first on, are claimed.
  private @Nullable MemoryRegion claimedRegion;
  private long claimedFirst;
  private long claimed;

  /**
   * @param window that of this connection
   */
  ContinueTarget(
      CurrentPages pages, InFlightRun window, PagePlacer placer, Supplier<GuestPhase> phase) {
    this.pages = pages;
    this.window = window;
    this.placer = placer;
    this.phase = phase;
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
   * In the transfer mapping. While the guest runs at the source no page is current, so that half a
   * run, or one that turns out to be damaged, may be there: what is said to be current in the end
   * came whole. Later all of the run has to be claimed first, and stays in the window until it is
   * there.
   */
  @Override
  public long place(MemoryRegion region, long offset, long bytes) {
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
      window.close(); // behind the bits: see CurrentPages
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
        window.close();
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
   * Writes the pages from {@code first} on that are claimed, or can be, and maps them; returns how
   * many. A page that cannot is a late duplicate: the guest may have changed it.
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
      window.close();
      mapWhole(region, first, first + run);
    }
    return run;
  }

  /** Claims a run of pages, up to the first that is taken, with the window open around it. */
  private long claim(MemoryRegion region, long first, long most) {
    window.open(region, first, most);
    PageBitmap current = pages.of(region);
    long run = current.claimRun(first, most);
    if (run == 0) {
      window.close();
    } else if (run < most) {
      window.open(region, first, run); // what is behind is somebody else's
    }
    return run;
  }

  /** Maps the pages of the backing around a run, where all of each is there. */
  private void mapWhole(MemoryRegion region, long first, long end) {
    int grain = region.basePagesPerPage();
    if (grain == 1) {
      if (end > first) {
        placer.map(region, first * region.basePageBytes(), (end - first) * region.basePageBytes());
      }
      return;
    }
    for (long page = first / grain; page * grain < end; page++) {
      if (pages.areWhole(region, page * grain, (page + 1) * grain)) {
        placer.map(region, page * region.pageBytes(), region.pageBytes());
      }
    }
  }
}
