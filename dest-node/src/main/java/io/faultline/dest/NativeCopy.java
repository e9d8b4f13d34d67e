package io.faultline.dest;

import java.lang.foreign.MemorySegment;

/** Copies native memory that is there, or whose faults only the kernel resolves. */
final class NativeCopy {
  /** One segment for all, so that none is allocated for a copy. */
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private NativeCopy() {}

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  static void clear(long address, long bytes) {
    ALL.asSlice(address, bytes).fill((byte) 0);
  }
}
