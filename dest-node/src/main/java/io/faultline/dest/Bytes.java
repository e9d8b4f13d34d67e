package io.faultline.dest;

import java.lang.foreign.MemorySegment;

/** Copies native memory that is there, or whose faults only the kernel resolves. */
final class Bytes {
  private Bytes() {}

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(at(from, bytes), 0, at(to, bytes), 0, bytes);
  }

  static void clear(long address, long bytes) {
    at(address, bytes).fill((byte) 0);
  }

  private static MemorySegment at(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }
}
