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
  private final WritingWindow window;
  private final PagePlacer placer;
  private final Supplier<GuestPhase> phase;

  /** Whether the page that the last piece ended in was claimed here. */
  private boolean claimed;

  /** The page that is claimed and not whole yet, while the window is open between two pieces. */
  private @Nullable MemoryRegion partOf;

  private long part;

  /**
   * @param window that of this stream's thread
   */
  ContinueTarget(
      CurrentPages pages, WritingWindow window, PagePlacer placer, Supplier<GuestPhase> phase) {
    this.pages = pages;
    this.window = window;
    this.placer = placer;
    this.phase = phase;
  }

  @Override
  public void begin(MemoryRegion region, long firstPage, long count) {
    claimed = false;
  }

  @Override
  public void data(MemoryRegion region, long offset, long address, long bytes) {
    if (phase.get() != GuestPhase.RUNNING) {
      long to = region.transfer().dataAddress(offset);
      if (address != to) {
        Bytes.copy(address, to, bytes);
      }
      return;
    }
    long page = region.basePageBytes();
    long done = 0;
    if (offset % page != 0) {
      done = Math.min(bytes, page - offset % page);
      finishPart(region, offset, address, done);
    }
    while (done < bytes) {
      done += writeFrom(region, offset + done, address + done, bytes - done);
    }
  }

  /**
   * In the transfer mapping, while the guest runs at the source: no page is current then, so that
   * half a page may be there. Later each page has to be claimed before it is written, and a read
   * may bring pages that nobody may write any more.
   */
  @Override
  public long place(MemoryRegion region, long offset) {
    return phase.get() == GuestPhase.PRECOPY ? region.transfer().dataAddress(offset) : 0;
  }

  @Override
  public void zeros(MemoryRegion region, long firstPage, long count) {
    long pageBytes = region.basePageBytes();
    if (phase.get() != GuestPhase.RUNNING) {
      Bytes.clear(region.transfer().dataAddress(firstPage * pageBytes), count * pageBytes);
      return;
    }
    long end = firstPage + count;
    for (long page = firstPage; page < end; ) {
      long run = claim(region, page, Math.min(end - page, WritingWindow.MAX_PAGES));
      if (run > 0) {
        Bytes.clear(region.transfer().dataAddress(page * pageBytes), run * pageBytes);
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

  /** A page that is not whole is missing, as if nobody had claimed it. */
  @Override
  public long reset() {
    claimed = false;
    if (partOf != null) {
      pages.of(partOf).clear(part);
      partOf = null;
      window.close();
    }
    return 0;
  }

  @Override
  public void close() {}

  /** Goes on with a page that an earlier piece began. */
  private void finishPart(MemoryRegion region, long offset, long address, long bytes) {
    if (!claimed) {
      return;
    }
    Bytes.copy(address, region.transfer().dataAddress(offset), bytes);
    if ((offset + bytes) % region.basePageBytes() == 0) {
      long page = offset / region.basePageBytes();
      window.close();
      partOf = null;
      mapWhole(region, page, page + 1);
    }
  }

  /**
   * Writes as many of the pages from {@code offset} on as can be claimed; returns bytes dealt with.
   */
  private long writeFrom(MemoryRegion region, long offset, long address, long bytes) {
    long pageBytes = region.basePageBytes();
    long first = offset / pageBytes;
    long run = claim(region, first, Math.ceilDiv(bytes, pageBytes));
    claimed = run > 0;
    if (run == 0) {
      return Math.min(bytes, pageBytes); // a late duplicate: the guest may have changed the page
    }
    long written = Math.min(bytes, run * pageBytes);
    Bytes.copy(address, region.transfer().dataAddress(offset), written);
    long whole = written / pageBytes;
    if (whole < run) {
      window.open(region, first + whole, 1); // the rest of this one is still to come
      partOf = region;
      part = first + whole;
    } else {
      window.close();
    }
    mapWhole(region, first, first + whole);
    return written;
  }

  /** Claims a run of pages, up to the first that is taken, with the window open around it. */
  private long claim(MemoryRegion region, long first, long most) {
    window.open(region, first, most);
    PageBitmap current = pages.of(region);
    long run = current.claimRun(first, most);
    if (run == 0) {
      window.close();
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
