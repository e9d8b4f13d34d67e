package io.faultline.paging;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The buffers into which windows are read: where it can, two in a transparent huge page. A read
 * past the page cache then goes to one contiguous piece instead of 256, which no disk takes at
 * once. Freed with its arena. Thread-safe.
 */
final class LaneMemory {
  private static final long HUGE_PAGE_BYTES = 2L << 20;

  private final Kernel kernel;
  private final Arena arena;
  private final long windowBytes;
  private final int pageBytes;

  /** The rest of the last huge page. */
  private MemorySegment left = MemorySegment.NULL;

  LaneMemory(Kernel kernel, Arena arena, long windowBytes, int pageBytes) {
    this.kernel = kernel;
    this.arena = arena;
    this.windowBytes = windowBytes;
    this.pageBytes = pageBytes;
  }

  /** A buffer for one window. */
  synchronized MemorySegment allocate() {
    if (windowBytes != HUGE_PAGE_BYTES / 2) { // of a small pager, which must not take more
      return arena.allocate(windowBytes, pageBytes);
    }
    if (left.byteSize() == 0) {
      left = mapHugePage();
    }
    MemorySegment buffer = left.asSlice(0, windowBytes);
    left = left.asSlice(windowBytes);
    return buffer;
  }

  /** Since Linux 6.7 a mapping of this size is aligned to it; before, it may have small pages. */
  private MemorySegment mapHugePage() {
    long address = kernel.mapUnreserved(HUGE_PAGE_BYTES);
    try {
      kernel.advise(address, HUGE_PAGE_BYTES, Advice.HUGE_PAGE);
    } catch (SystemCallException e) {
      // a kernel without transparent huge pages
    }
    return MemorySegment.ofAddress(kernel.dataAddress(address))
        .reinterpret(HUGE_PAGE_BYTES, arena, _ -> kernel.unmap(address, HUGE_PAGE_BYTES));
  }
}
