package io.faultline.source;

import io.faultline.memory.PageBitmap;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageSet;

/**
 * Tells which pages are stale, in frames of a bounded size: with COPY so that the destination
 * forgets them before the VM runs, with CONTINUE so that it knows the others are current. Belongs
 * to the bulk loop.
 */
final class PageSetWriter implements BulkPump.Work {
  private static final int MAX_RUNS = 1 << 15;

  private final OutgoingRegions regions;
  private final Use use;
  private final PageSink sink;
  private int region;
  private long cursor;

  /** What the destination does with them. */
  enum Use {
    /** It forgets them, and another set follows. */
    DISCARD_AHEAD,
    /** It forgets them before the VM runs. */
    DISCARD,
    /** It takes all others for current. */
    STALE;

    private PageBitmap of(OutgoingRegion region) {
      return this == STALE ? region.stale() : region.discards();
    }
  }

  PageSetWriter(OutgoingRegions regions, Use use, PageSink sink) {
    this.regions = regions;
    this.use = use;
    this.sink = sink;
  }

  @Override
  public boolean hasRoom(PageSink to) {
    return to.takesFrames();
  }

  @Override
  public long sendNext() {
    if (region == regions.count()) {
      return 0;
    }
    OutgoingRegion of = regions.get(region);
    PageSet.Builder set = PageSet.newBuilder().setRegion(region).setFirstPage(pages(of, cursor));
    addRuns(of, set);
    if (cursor == of.stale().pageCount()) {
      region++;
      cursor = 0;
    }
    set.setLast(region == regions.count()).setAhead(use == Use.DISCARD_AHEAD);
    Frame.Builder frame = Frame.newBuilder();
    sink.send((use == Use.STALE ? frame.setStale(set) : frame.setDiscard(set)).build());
    return set.getRunsCount() + 1L;
  }

  private void addRuns(OutgoingRegion of, PageSet.Builder set) {
    PageBitmap stale = use.of(of);
    while (cursor < stale.pageCount() && set.getRunsCount() < MAX_RUNS) {
      long first = stale.nextSet(cursor);
      long end = stale.nextClear(first);
      set.addRuns(pages(of, first - cursor));
      set.addRuns(pages(of, end - first));
      cursor = end;
    }
  }

  private static long pages(OutgoingRegion of, long units) {
    return units * of.unitPages();
  }
}
