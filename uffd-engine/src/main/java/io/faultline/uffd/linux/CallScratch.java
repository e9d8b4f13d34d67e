package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Native memory for the system calls of one thread: one argument structure, and a buffer that grows
 * to the largest read. Allocated once per thread, so that calls allocate nothing; freed after the
 * thread's end.
 */
final class CallScratch {
  private static final long ARGUMENT_BYTES = 128;

  private static final ThreadLocal<CallScratch> OF_THREAD =
      ThreadLocal.withInitial(CallScratch::new);

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment argument = arena.allocate(ARGUMENT_BYTES, JAVA_LONG.byteAlignment());
  private MemorySegment buffer = arena.allocate(512, JAVA_LONG.byteAlignment());

  private CallScratch() {}

  /** The scratch memory of the calling thread. */
  static CallScratch ofThread() {
    return OF_THREAD.get();
  }

  /** An argument structure of up to 128 bytes, with the contents that the last call left. */
  MemorySegment argument() {
    return argument;
  }

  /** A buffer of at least {@code bytes}, with undefined contents. */
  MemorySegment buffer(long bytes) {
    if (buffer.byteSize() < bytes) {
      buffer = arena.allocate(bytes, JAVA_LONG.byteAlignment());
    }
    return buffer;
  }
}
