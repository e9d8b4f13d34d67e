package io.faultline.source;

import io.faultline.memory.PageBitmap;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageSet;

/**
 * Sends the set of stale pages, in frames of bounded size. With COPY, so that the destination
 * discards them before the VM runs. With CONTINUE, so that it knows the others to be current.
 * Confined to the bulk loop.
 */
final class PageSetWriter implements BulkPump.Work {
  private static final int MAX_RUNS = 1 << 15;

  private final OutgoingRegions regions;
  private final Use use;
  private final PageSink sink;
  private int region;
  private long cursor;

  /** What the destination does with the pages. */
  enum Use {
    /** It discards them while the VM runs at the source. Another set follows. */
    DISCARD_AHEAD,
    /** It discards them before the VM runs at the destination. */
    DISCARD,
    /** It treats all other pages as current. */
    STALE;

    private PageBitmap units(OutgoingRegion region) {
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
    return to.isWritableForFrames();
  }

  @Override
  public long sendNext() {
    if (region == regions.count()) {
      return 0;
    }
    OutgoingRegion in = regions.get(region);
    PageSet.Builder set = PageSet.newBuilder().setRegion(region).setFirstPage(pages(in, cursor));
    addRuns(in, set);
    if (cursor == in.stale().pageCount()) {
      region++;
      cursor = 0;
    }
    set.setLast(region == regions.count()).setAhead(use == Use.DISCARD_AHEAD);
    Frame.Builder frame = Frame.newBuilder();
    sink.send((use == Use.STALE ? frame.setStale(set) : frame.setDiscard(set)).build());
    return set.getRunsCount() + 1L;
  }

  private void addRuns(OutgoingRegion in, PageSet.Builder set) {
    PageBitmap listed = use.units(in);
    while (cursor < listed.pageCount() && set.getRunsCount() < MAX_RUNS) {
      long first = listed.nextSet(cursor);
      long end = listed.nextClear(first);
      set.addRuns(pages(in, first - cursor));
      set.addRuns(pages(in, end - first));
      cursor = end;
    }
  }

  private static long pages(OutgoingRegion in, long units) {
    return units * in.unitPages();
  }
}
