package io.faultline.source;

import io.faultline.proto.WireException;
import io.faultline.proto.wire.PageSet;

/**
 * Takes in what the destination says it has, behind a recovery: in frames, in order over all
 * regions and without gaps. All else is taken as not sent. Nobody claims pages meanwhile. Belongs
 * to the control loop.
 */
final class ReceivedPagesReader {
  /** The most runs in a frame. */
  private static final int MAX_RUNS = 4096;

  private final OutgoingRegions regions;
  private int region;
  private long cursor;

  ReceivedPagesReader(OutgoingRegions regions) {
    this.regions = regions;
  }

  /** Whether the last frame has come. */
  boolean isEnded() {
    return region == regions.count();
  }

  /** The next frame. */
  void read(PageSet frame) throws WireException {
    if (isEnded() || frame.getRegion() != region || frame.getFirstPage() != cursor) {
      throw new WireException(
          "received pages from page "
              + frame.getFirstPage()
              + " of region "
              + frame.getRegion()
              + " on, where page "
              + cursor
              + " of region "
              + region
              + " was due");
    }
    if (frame.getRunsCount() > MAX_RUNS) {
      throw new WireException(
          frame.getRunsCount() + " runs of received pages in one frame, of " + MAX_RUNS);
    }
    OutgoingRegion of = regions.get(region);
    for (int i = 0; i < frame.getRunsCount(); i++) {
      next(of, frame.getRuns(i), i % 2 == 1);
    }
    if (cursor == of.memory().basePageCount()) {
      region++;
      cursor = 0;
    }
    if (frame.getLast() != isEnded()) {
      throw new WireException("received pages that end at page " + cursor + " of region " + region);
    }
  }

  private void next(OutgoingRegion of, long count, boolean received) throws WireException {
    if (count < 0 || count > of.memory().basePageCount() - cursor) {
      throw new WireException(
          "a run of "
              + Long.toUnsignedString(count)
              + " received pages behind page "
              + cursor
              + " of region "
              + region
              + ", which has "
              + of.memory().basePageCount());
    }
    if (received) {
      of.received(cursor, cursor + count);
    } else {
      regions.resend(of, cursor, cursor + count);
    }
    cursor += count;
  }
}
