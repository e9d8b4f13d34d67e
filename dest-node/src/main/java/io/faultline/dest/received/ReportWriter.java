package io.faultline.dest.received;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageSet;
import java.util.List;

/**
 * Writes which pages have been received, in consecutive frames of a bounded size. Confined to one
 * thread.
 */
final class ReportWriter {
  /** The most runs in a frame; even, because each frame begins with a run of missing pages. */
  static final int MAX_RUNS = 4096;

  private final List<MemoryRegion> regions;
  private final ReceivedPages pages;
  private int region;
  private long cursor;
  private long missing;

  ReportWriter(List<MemoryRegion> regions, ReceivedPages pages) {
    this.regions = regions;
    this.pages = pages;
  }

  /** Whether the last frame was written. */
  boolean isEnded() {
    return region == regions.size();
  }

  /** The missing base pages in everything written so far. */
  long missing() {
    return missing;
  }

  /** The next frame. */
  Frame next() {
    MemoryRegion of = regions.get(region);
    PageSet.Builder set = PageSet.newBuilder().setRegion(region).setFirstPage(cursor);
    while (cursor < of.basePageCount() && set.getRunsCount() < MAX_RUNS) {
      long received = pages.nextReceived(of, cursor);
      long end = pages.nextMissing(of, received);
      set.addRuns(received - cursor);
      set.addRuns(end - received);
      missing += received - cursor;
      cursor = end;
    }
    if (cursor == of.basePageCount()) {
      region++;
      cursor = 0;
    }
    return Frame.newBuilder().setReceived(set.setLast(isEnded())).build();
  }
}
