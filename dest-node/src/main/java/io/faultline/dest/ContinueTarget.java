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
 *
 * <p>While the guest runs, a run of pages is in three parts, so that it can go on after memory was
 * short:
 *
 * <pre>
 *   mapped (or skipped) | written, not mapped | claimed, not written | not claimed
 *                    unmapped               next               next + claimed    end
 * </pre>
 */
final class ContinueTarget implements PageTarget {
  /** The contents of zero pages. */
  private static final long ZEROS = 0;

  private final CurrentPages pages;
  private final InFlightRun inFlight;
  private final PagePlacer placer;
  private final Supplier<GuestPhase> phase;
  private final @Nullable PlacementLog log;

  // The run that is placed, or whose address was requested: see above.
  private @Nullable MemoryRegion region;
  private long unmapped;
  private long next;
  private long claimed;
  private long end;

  /** Where the contents of page {@code next} are; {@link #ZEROS} for zero pages. */
  private long contents;

  /** Whether a store found no room: the pages are made present before the next one. */
  private boolean populates;

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
  public void begin(MemoryRegion of, long firstPage, long count) {
    region = of;
    unmapped = firstPage;
    next = firstPage;
    claimed = 0;
    end = firstPage + count;
    populates = false;
  }

  @Override
  public boolean data(MemoryRegion of, long offset, long address, long bytes) {
    contents = address;
    return phase.get() == GuestPhase.RUNNING ? retry() : store(of, offset, bytes);
  }

  @Override
  public boolean zeros(MemoryRegion of, long firstPage, long count) {
    contents = ZEROS;
    long page = of.basePageBytes();
    return phase.get() == GuestPhase.RUNNING ? retry() : store(of, firstPage * page, count * page);
  }

  @Override
  public boolean current(MemoryRegion of, long firstPage, long count) {
    pages.set(of, firstPage, firstPage + count);
    next = end;
    return retry();
  }

  @Override
  public long unitBytes(MemoryRegion of) {
    return of.basePageBytes();
  }

  /**
   * An address in the transfer mapping. While the guest runs at the source, no page is current, so
   * a partial or damaged run may be written there: the source reports a page as current only if it
   * arrived complete. Once the guest runs here, the whole run must be claimed first, and stays in
   * flight until it is complete.
   */
  @Override
  public long directAddress(MemoryRegion of, long offset, long bytes) {
    boolean free =
        switch (phase.get()) {
          case PRECOPY -> true;
          case SWITCHOVER -> false;
          case RUNNING -> claim(of) == end - next;
        };
    return free ? of.transfer().dataAddress(offset) : 0;
  }

  @Override
  public void giveUp() {
    MemoryRegion of = region;
    if (of != null && claimed > 0) {
      pages.of(of).clear(next, next + claimed);
      claimed = 0;
      inFlight.close(); // after clearing the bits: see CurrentPages
    }
    // Pages that are written and not mapped are current: the guest's next fault maps them.
    region = null;
  }

  /** Writes and maps what is left of the run. */
  @Override
  public boolean retry() {
    MemoryRegion of = region;
    if (of == null) {
      return true;
    }
    while (mapWritten(of)) {
      if (next == end) {
        region = null;
        return true;
      }
      if (!writeNext(of)) {
        return false;
      }
    }
    return false;
  }

  @Override
  public long nextOffset(MemoryRegion of) {
    return unmapped * of.basePageBytes();
  }

  @Override
  public void close() {}

  /**
   * Writes the next pages that are claimed or can be claimed. A page that cannot be claimed is a
   * late duplicate: the guest may have changed it.
   */
  private boolean writeNext(MemoryRegion of) {
    long run = claimed > 0 ? claimed : claim(of);
    long bytes = Math.max(1, run) * of.basePageBytes();
    if (run > 0) {
      if (!store(of, next * of.basePageBytes(), bytes)) {
        return false;
      }
      pages.written(of, next, next + run);
      inFlight.close();
    }
    claimed = 0;
    unmapped = run > 0 ? next : next + 1;
    next += Math.max(1, run);
    contents += contents == ZEROS ? 0 : bytes;
    return true;
  }

  private boolean store(MemoryRegion of, long offset, long bytes) {
    long to = of.transfer().dataAddress(offset);
    if (contents == to) { // it was read directly into place
      return true;
    }
    boolean stored =
        (!populates || placer.populate(of, offset, bytes))
            && (contents == ZEROS
                ? NativeCopy.clearIfRoom(to, bytes)
                : NativeCopy.copyIfRoom(contents, to, bytes));
    populates = !stored;
    return stored;
  }

  /**
   * Claims pages from {@code next} up to the first that is already claimed, and leaves them marked
   * as in flight.
   */
  private long claim(MemoryRegion of) {
    long most = Math.min(end - next, InFlightRun.MAX_PAGES);
    inFlight.open(of, next, most);
    PageBitmap current = pages.of(of);
    claimed = current.claimRun(next, most);
    if (claimed == 0) {
      inFlight.close();
    } else if (claimed < most) {
      inFlight.open(of, next, claimed); // another connection claimed the next page
    }
    return claimed;
  }

  /** Maps those pages of the backing that contain part of what was written and are complete. */
  private boolean mapWritten(MemoryRegion of) {
    int grain = of.basePagesPerPage();
    if (grain == 1) {
      if (next > unmapped) {
        unmapped += map(of, unmapped, next - unmapped) / of.basePageBytes();
      }
      return unmapped == next;
    }
    while (unmapped < next) {
      long page = unmapped / grain;
      boolean whole = pages.areWhole(of, page * grain, (page + 1) * grain);
      if (whole && map(of, page * grain, grain) == 0) {
        return false;
      }
      unmapped = Math.min(next, (page + 1) * grain);
    }
    return true;
  }

  /** Maps whole pages of the backing; returns how many bytes. Numbers count base pages. */
  private long map(MemoryRegion of, long first, long count) {
    long done = placer.map(of, first * of.basePageBytes(), count * of.basePageBytes());
    if (log != null && done > 0) {
      log.mapped(of, first, done / of.basePageBytes());
    }
    return done;
  }
}
