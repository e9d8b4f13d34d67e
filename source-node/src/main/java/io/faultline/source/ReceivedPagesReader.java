package io.faultline.source;

import io.faultline.proto.WireException;
import io.faultline.proto.wire.PageSet;

/**
 * Reads the destination's report of the pages that it has, after a reconnect, and marks them as
 * sent and all others as unsent. The report comes in several frames, in order through all regions
 * and without gaps. No loop may claim pages meanwhile. Confined to the control loop.
 */
final class ReceivedPagesReader {
  /** The maximum number of runs in a frame. */
  private static final int MAX_RUNS = 4096;

  private final OutgoingRegions regions;
  private int region;
  private long cursor;

  ReceivedPagesReader(OutgoingRegions regions) {
    this.regions = regions;
  }

  /** Whether the last frame was read. */
  boolean isComplete() {
    return region == regions.count();
  }

  /** Reads the next frame. */
  void read(PageSet frame) throws WireException {
    if (isComplete() || frame.getRegion() != region || frame.getFirstPage() != cursor) {
      throw new WireException(
          "received pages start at page "
              + frame.getFirstPage()
              + " of region "
              + frame.getRegion()
              + ", expected page "
              + cursor
              + " of region "
              + region);
    }
    if (frame.getRunsCount() > MAX_RUNS) {
      throw new WireException(
          frame.getRunsCount() + " runs of received pages in one frame; at most " + MAX_RUNS);
    }
    OutgoingRegion in = regions.get(region);
    long before = cursor;
    for (int i = 0; i < frame.getRunsCount(); i++) {
      next(in, frame.getRuns(i), i % 2 == 1);
    }
    if (cursor == before) { // otherwise a report could be without end
      throw new WireException("a report of received pages that covers no page");
    }
    if (cursor == in.memory().basePageCount()) {
      region++;
      cursor = 0;
    }
    if (frame.getLast() != isComplete()) {
      throw new WireException("received pages that end at page " + cursor + " of region " + region);
    }
  }

  private void next(OutgoingRegion in, long count, boolean received) throws WireException {
    if (count < 0 || count > in.memory().basePageCount() - cursor) {
      throw new WireException(
          "a run of "
              + Long.toUnsignedString(count)
              + " received pages at page "
              + cursor
              + " of region "
              + region
              + ", which has "
              + in.memory().basePageCount()
              + " pages");
    }
    if (received) {
      in.markReceived(cursor, cursor + count);
    } else {
      regions.markMissing(in, cursor, cursor + count);
    }
    cursor += count;
  }
}
