package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.wire.Frame;

/** Where pages go that have been claimed: a connection, or several. All pages are base pages. */
interface PageSink {
  /**
   * Sends the contents of a run of pages, which do not change any more.
   *
   * @return bytes that go over the wire, headers aside
   */
  int sendData(MemoryRegion region, long firstPage, int count);

  /** The same for pages that a running guest may change meanwhile, and which then go again. */
  int sendLive(MemoryRegion region, long firstPage, int count);

  /** Tells that a run of pages is zero. */
  void sendZeros(MemoryRegion region, long firstPage, int count);

  /** Tells that all there is of a run of pages has been sent. */
  void sendCurrent(MemoryRegion region, long firstPage, int count);

  /** Sends a frame without pages; of several connections on the first, so that they keep order. */
  void send(Frame frame);

  /** Whether more pages can be sent without piling up in memory. */
  boolean isWritable();

  /** The same of frames without pages. */
  default boolean takesFrames() {
    return isWritable();
  }

  /** Pushes out what was sent since the last flush. */
  void flush();
}
