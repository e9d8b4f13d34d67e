package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.PageSet;

/**
 * Reads a set of base pages that arrives in several frames, in ascending order over all regions.
 * Confined to the connection's loop.
 */
final class PageSetReader {
  /** The most runs in a frame. */
  private static final int MAX_RUNS = 1 << 15;

  private final IncomingRegions regions;
  private final Runs runs;
  private int region;
  private long cursor;
  private long pages;
  private boolean ended;

  /** Receives the runs, which cover each region without gaps. */
  interface Runs {
    /**
     * Takes a run from {@code first} up to, but not including, {@code end}.
     *
     * @throws WireException if the run is invalid here
     */
    void run(MemoryRegion region, long first, long end, boolean inSet) throws WireException;
  }

  PageSetReader(IncomingRegions regions, Runs runs) {
    this.regions = regions;
    this.runs = runs;
  }

  /** How many pages are in the set so far. */
  long pages() {
    return pages;
  }

  /** Whether the last frame has been read. */
  boolean isEnded() {
    return ended;
  }

  /** Reads the next frame. */
  void read(PageSet frame) throws WireException {
    if (ended || region >= regions.all().size()) {
      throw new WireException("pages after the end of a set");
    }
    if (frame.getRegion() != region || frame.getFirstPage() != cursor) {
      throw new WireException(
          "a set that continues with page "
              + frame.getFirstPage()
              + " of region "
              + frame.getRegion()
              + " instead of page "
              + cursor
              + " of region "
              + region);
    }
    if (frame.getRunsCount() > MAX_RUNS) {
      throw new WireException(
          "a set of " + frame.getRunsCount() + " runs in one frame, of " + MAX_RUNS + " allowed");
    }
    MemoryRegion of = regions.all().get(region);
    for (int i = 0; i < frame.getRunsCount(); i++) {
      next(of, frame.getRuns(i), i % 2 == 1);
    }
    if (cursor == of.basePageCount()) {
      region++;
      cursor = 0;
    }
    ended = region == regions.all().size();
    if (frame.getLast() != ended) {
      throw new WireException("a set that ends at page " + cursor + " of region " + region);
    }
  }

  private void next(MemoryRegion of, long count, boolean inSet) throws WireException {
    if (count < 0 || count > of.basePageCount() - cursor) {
      throw new WireException(
          "a run of "
              + Long.toUnsignedString(count)
              + " pages from page "
              + cursor
              + " of region "
              + of.id()
              + ", which has "
              + of.basePageCount());
    }
    if (count > 0) {
      runs.run(of, cursor, cursor + count, inSet);
    }
    cursor += count;
    pages += inSet ? count : 0;
  }
}
