package io.faultline.dest;

import java.lang.foreign.MemorySegment;

/** Copies native memory that is present, or whose faults the kernel resolves. */
final class NativeCopy {
  /** One segment over the whole address space, so that a copy allocates none. */
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private NativeCopy() {}

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  static void clear(long address, long bytes) {
    ALL.asSlice(address, bytes).fill((byte) 0);
  }
}
