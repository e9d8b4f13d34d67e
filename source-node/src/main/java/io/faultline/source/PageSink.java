package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.wire.Frame;

/** Sends claimed pages over one or several connections. All pages are base pages. */
interface PageSink {
  /**
   * Sends a run of pages whose content does not change.
   *
   * @return payload bytes on the wire
   */
  int sendData(MemoryRegion region, long firstPage, int count);

  /** The same for pages that the running guest may change meanwhile. They are then sent again. */
  int sendLive(MemoryRegion region, long firstPage, int count);

  /** Sends a run of zero pages. */
  void sendZeros(MemoryRegion region, long firstPage, int count);

  /** Reports that a run of pages is current once everything sent before is placed. */
  void sendCurrent(MemoryRegion region, long firstPage, int count);

  /**
   * Sends a frame without pages; on the first of several connections, so that they stay in order.
   */
  void send(Frame frame);

  /** Whether more pages can be sent without queueing up in memory. */
  boolean isWritable();

  /** The same for frames without pages. */
  default boolean isWritableForFrames() {
    return isWritable();
  }

  /** Writes everything sent since the last flush to the network. */
  void flush();
}
