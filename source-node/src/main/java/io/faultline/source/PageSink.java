package io.faultline.source;

import io.faultline.memory.MemoryRegion;

/** Where pages go that have been claimed: one connection. */
interface PageSink {
  /** Sends the contents of a run of pages straight from guest memory. */
  void sendData(MemoryRegion region, long firstPage, int count);

  /** Tells that a run of pages is zero. */
  void sendZeros(MemoryRegion region, long firstPage, int count);

  /** Whether more can be sent without piling up in memory. */
  boolean isWritable();

  /** Pushes out what was sent since the last flush. */
  void flush();
}
