package io.faultline.restore.remote;

import io.faultline.restore.space.DumpLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Pages of zeros, as the contents of runs that are sent without them. */
final class ZeroMemory implements AutoCloseable {
  /** How many. */
  static final int PAGES = 64;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory =
      arena.allocate((long) PAGES * DumpLayout.PAGE_BYTES, DumpLayout.PAGE_BYTES);

  long address() {
    return memory.address();
  }

  @Override
  public void close() {
    arena.close();
  }
}
