package io.faultline.dest;

import java.lang.foreign.MemorySegment;

/**
 * Copies native memory that is present, or whose faults the kernel resolves.
 *
 * <p>A store to a shared mapping raises SIGBUS if its file system or pool has no page left. For
 * these methods HotSpot reports that as an {@link InternalError} (the stubs of {@code
 * Unsafe.copyMemory} and {@code setMemory} are marked for it, {@code unsafe.cpp}); part of the
 * bytes may have been written.
 */
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

  /** Copies into a shared mapping; false if it has no page for part of the target. */
  static boolean copyIfRoom(long from, long to, long bytes) {
    try {
      copy(from, to, bytes);
      return true;
    } catch (InternalError e) {
      return false;
    }
  }

  /** Clears a part of a shared mapping; false if it has no page for part of it. */
  static boolean clearIfRoom(long address, long bytes) {
    try {
      clear(address, bytes);
      return true;
    } catch (InternalError e) {
      return false;
    }
  }
}
