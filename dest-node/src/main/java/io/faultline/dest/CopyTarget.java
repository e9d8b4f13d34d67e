package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;

/**
 * Places pages with UFFDIO_COPY, from where the socket left them; only a page that is split over
 * two reads is put together first. Keeps no state per page. In precopy a page that is there already
 * is overwritten; parts of a huge page may come then, once it is there.
 */
final class CopyTarget implements PageTarget {
  private final PagePlacer placer;
  private final Supplier<GuestPhase> phase;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment split;
  private final MemorySegment zeros;
  private boolean parts;

  /** Whole base pages of the page that is being put together. */
  private long splitPages;

  CopyTarget(PagePlacer placer, List<MemoryRegion> regions, Supplier<GuestPhase> phase) {
    this.placer = placer;
    this.phase = phase;
    long largest = 0;
    long largestHuge = 0;
    for (MemoryRegion each : regions) {
      largest = Math.max(largest, each.pageBytes());
      if (each.backing().pageSize().isHuge()) {
        largestHuge = Math.max(largestHuge, each.pageBytes());
      }
    }
    split = arena.allocate(largest, largest);
    zeros = arena.allocate(largestHuge, 1);
  }

  @Override
  public void begin(MemoryRegion region, long firstPage, long count) throws WireException {
    int grain = region.basePagesPerPage();
    parts = firstPage % grain != 0 || count % grain != 0;
    if (parts && phase.get() != GuestPhase.PRECOPY) {
      throw new WireException(
          count + " pages from " + firstPage + ", which are not whole pages of " + grain);
    }
    // Java code must not touch a page that is not there.
    if (parts && !placer.arePresent(region, firstPage, count)) {
      throw new WireException(
          count + " pages from " + firstPage + " of a huge page that was never sent");
    }
  }

  @Override
  public void data(MemoryRegion region, long offset, long address, long bytes) {
    if (parts) {
      Bytes.copy(address, region.guest().dataAddress(offset), bytes);
      return;
    }
    long pageBytes = region.pageBytes();
    long at = 0;
    long splitBytes = offset % pageBytes;
    if (splitBytes > 0) {
      at = Math.min(bytes, pageBytes - splitBytes);
      collect(region, offset, address, at);
    }
    long whole = (bytes - at) / pageBytes * pageBytes;
    if (whole > 0) {
      place(region, offset + at, address + at, whole);
      at += whole;
    }
    if (at < bytes) {
      collect(region, offset + at, address + at, bytes - at);
    }
  }

  @Override
  public void zeros(MemoryRegion region, long firstPage, long count) {
    long offset = firstPage * region.basePageBytes();
    long bytes = count * region.basePageBytes();
    if (parts) {
      Bytes.clear(region.guest().dataAddress(offset), bytes);
    } else {
      placer.placeZeros(region, offset, bytes, zeros.address(), overwrites());
    }
  }

  @Override
  public void current(MemoryRegion region, long firstPage, long count) throws WireException {
    throw new WireException("current pages, which only placement continue has");
  }

  /** A page that is split is put together from its start again. */
  @Override
  public long reset() {
    long came = splitPages;
    parts = false;
    splitPages = 0;
    return came;
  }

  @Override
  public void close() {
    arena.close();
  }

  /** Adds to the page that is split, and places it once it is whole. */
  private void collect(MemoryRegion region, long offset, long address, long bytes) {
    long inPage = offset % region.pageBytes();
    Bytes.copy(address, split.address() + inPage, bytes);
    splitPages = (inPage + bytes) / region.basePageBytes();
    if (inPage + bytes == region.pageBytes()) {
      place(region, offset - inPage, split.address(), region.pageBytes());
      splitPages = 0;
    }
  }

  private void place(MemoryRegion region, long offset, long address, long bytes) {
    placer.place(region, offset, bytes, address, overwrites());
  }

  private boolean overwrites() {
    return phase.get() == GuestPhase.PRECOPY;
  }
}
