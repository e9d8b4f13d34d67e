package io.faultline.dest;

import io.faultline.dest.recording.PlacementLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Once the stale set is known: maps the current pages that precopy brought, with few large calls.
 * The page table of the transfer mapping shows which pages were written. Pages that were never
 * written are left to the guest's faults. Confined to the bulk loop.
 */
final class CurrentMapper {
  /**
   * Pages of the backing in a slice. Pages that have arrived, and that a vCPU may be waiting for,
   * are placed between two slices: mapping this many base pages takes about 0.3 ms.
   */
  private static final long SLICE_PAGES = 256;

  private static final int BATCH = 256;

  /** What a slice came to. */
  enum Slice {
    /** There may be more. */
    MAPPED,
    /** There is none left. */
    END,
    /** There is no memory for the page at {@link #shortRegion} and {@link #shortOffset}. */
    NO_MEMORY
  }

  private final List<MemoryRegion> regions;
  private final CurrentPages pages;
  private final PagePlacer placer;
  private final Pagemap pagemap;
  private final @Nullable PlacementLog log;
  private final PageRegions found = new PageRegions(BATCH);
  private int region;
  private long offset;
  private boolean isShort;

  /**
   * @param pagemap of the process that the transfer mappings are in
   * @param log records the pages that are mapped; null for nothing
   */
  CurrentMapper(
      List<MemoryRegion> regions,
      CurrentPages pages,
      PagePlacer placer,
      Pagemap pagemap,
      @Nullable PlacementLog log) {
    this.regions = regions;
    this.pages = pages;
    this.placer = placer;
    this.pagemap = pagemap;
    this.log = log;
  }

  /** Maps the next slice, or goes on with the one that there was no memory for. */
  Slice mapSlice() {
    if (region == regions.size()) {
      return Slice.END;
    }
    MemoryRegion of = regions.get(region);
    long end = Math.min(of.sizeBytes(), offset + SLICE_PAGES * of.pageBytes());
    isShort = false;
    while (offset < end && !isShort) {
      offset = mapFound(of, offset, end);
    }
    if (isShort) {
      return Slice.NO_MEMORY;
    }
    if (offset == of.sizeBytes()) {
      region++;
      offset = 0;
    }
    return Slice.MAPPED;
  }

  MemoryRegion shortRegion() {
    return regions.get(region);
  }

  long shortOffset() {
    return offset;
  }

  /** Maps the pages that one scan finds; returns where it ended, or memory ran out. */
  private long mapFound(MemoryRegion of, long start, long end) {
    long base = of.transfer().address();
    int count = pagemap.scan(base + start, base + end, PagemapQuery.PRESENT_OR_SWAPPED, found);
    for (int i = 0; i < count; i++) {
      long next = map(of, found.start(i) - base, found.end(i) - base);
      if (isShort) {
        return next;
      }
    }
    // A full buffer ends the scan early.
    return count < found.capacity() ? end : Math.max(start + of.pageBytes(), lastEnd(of, base));
  }

  private long lastEnd(MemoryRegion of, long base) {
    long end = found.end(found.size() - 1) - base;
    return end / of.pageBytes() * of.pageBytes();
  }

  /** Maps the whole pages within a range; returns where it ended, or memory ran out. */
  private long map(MemoryRegion of, long start, long end) {
    int grain = of.basePagesPerPage();
    PageBitmap current = pages.of(of);
    long page = Math.ceilDiv(start, of.pageBytes());
    long last = end / of.pageBytes();
    while (page < last) {
      long next = page;
      while (next < last && isWhole(of, current, next * grain, grain)) {
        next++;
      }
      if (next > page) {
        long bytes = (next - page) * of.pageBytes();
        long done = placer.map(of, page * of.pageBytes(), bytes);
        if (log != null && done > 0) {
          log.mappedCurrent(of, page * grain, done / of.basePageBytes());
        }
        if (done < bytes) {
          isShort = true;
          return page * of.pageBytes() + done;
        }
      }
      page = next + 1;
    }
    return end;
  }

  private boolean isWhole(MemoryRegion of, PageBitmap current, long first, int grain) {
    return current.get(first) && pages.areWhole(of, first, first + grain);
  }
}
