package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Placement copy: places a run of pages with one UFFDIO_COPY. Keeps no state per page. During
 * precopy a page that is already present is overwritten, and parts of a huge page are allowed once
 * the page is present.
 */
final class CopyTarget implements PageTarget {
  private static final long ZERO_PAGES = 0;

  private final PagePlacer placer;
  private final Supplier<GuestPhase> phase;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment zeros;
  private boolean parts;

  // What is left of the run that is being placed; no region if nothing is.
  private @Nullable MemoryRegion region;
  private long next;
  private long left;

  /** Where the contents at {@code next} are; {@link #ZERO_PAGES} for zeros. */
  private long contents;

  CopyTarget(PagePlacer placer, List<MemoryRegion> regions, Supplier<GuestPhase> phase) {
    this.placer = placer;
    this.phase = phase;
    long largestHuge = 0;
    for (MemoryRegion each : regions) {
      if (each.backing().pageSize().isHuge()) {
        largestHuge = Math.max(largestHuge, each.pageBytes());
      }
    }
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
    // Java code must not touch a page that is not present.
    if (parts && !placer.arePresent(region, firstPage, count)) {
      throw new WireException(
          count + " pages from " + firstPage + " of a huge page that was never sent");
    }
  }

  @Override
  public boolean data(MemoryRegion region, long offset, long address, long bytes) {
    if (parts) {
      NativeCopy.copy(address, region.guest().dataAddress(offset), bytes);
      return true;
    }
    return place(region, offset, bytes, address);
  }

  @Override
  public long unitBytes(MemoryRegion region) {
    return region.pageBytes();
  }

  @Override
  public boolean zeros(MemoryRegion region, long firstPage, long count) {
    long offset = firstPage * region.basePageBytes();
    long bytes = count * region.basePageBytes();
    if (parts) {
      NativeCopy.clear(region.guest().dataAddress(offset), bytes);
      return true;
    }
    return place(region, offset, bytes, ZERO_PAGES);
  }

  private boolean place(MemoryRegion of, long offset, long bytes, long from) {
    region = of;
    next = offset;
    left = bytes;
    contents = from;
    return retry();
  }

  @Override
  public boolean retry() {
    MemoryRegion of = region;
    if (of == null) {
      return true;
    }
    boolean isZeros = contents == ZERO_PAGES;
    long done =
        isZeros
            ? placer.placeZeros(of, next, left, zeros.address(), overwrites())
            : placer.place(of, next, left, contents, overwrites());
    next += done;
    left -= done;
    contents += isZeros ? 0 : done;
    if (left > 0) {
      return false;
    }
    region = null;
    return true;
  }

  @Override
  public long nextOffset(MemoryRegion of) {
    return next;
  }

  @Override
  public void giveUp() {
    region = null;
  }

  @Override
  public boolean current(MemoryRegion region, long firstPage, long count) throws WireException {
    throw new WireException("current pages, which only placement continue uses");
  }

  @Override
  public void close() {
    arena.close();
  }

  private boolean overwrites() {
    return phase.get() == GuestPhase.PRECOPY;
  }
}
