package io.faultline.dest;

import io.faultline.memory.MemoryRegion;

/** Which base pages are here. Asked in ascending order, while none comes. */
interface ReceivedPages {
  /** The first page at or after {@code page} that is here; the page count where there is none. */
  long nextReceived(MemoryRegion region, long page);

  /** The first page at or after {@code page} that is not here; the page count where all are. */
  long nextMissing(MemoryRegion region, long page);
}
