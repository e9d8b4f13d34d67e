package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * Native memory that one thread's calls use: the captured errno, one argument structure, and a
 * buffer that grows to the largest read. Made once for each thread, so that calls allocate nothing;
 * freed when the thread is gone.
 */
final class CallScratch {
  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final long ERRNO_OFFSET = CAPTURE.byteOffset(PathElement.groupElement("errno"));
  private static final long ARGUMENT_BYTES = 128;

  private static final ThreadLocal<CallScratch> OF_THREAD =
      ThreadLocal.withInitial(CallScratch::new);

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment capture = arena.allocate(CAPTURE);
  private final MemorySegment argument = arena.allocate(ARGUMENT_BYTES, JAVA_LONG.byteAlignment());
  private MemorySegment buffer = arena.allocate(512, JAVA_LONG.byteAlignment());

  private CallScratch() {}

  /** The calling thread's. */
  static CallScratch ofThread() {
    return OF_THREAD.get();
  }

  /** Where the linker leaves errno. */
  MemorySegment capture() {
    return capture;
  }

  /** The errno of the last call that failed. */
  int errno() {
    return capture.get(JAVA_INT, ERRNO_OFFSET);
  }

  /** An argument structure of up to 128 bytes. What the last call left in it is still there. */
  MemorySegment argument() {
    return argument;
  }

  /** A buffer of at least so many bytes. */
  MemorySegment buffer(long bytes) {
    if (buffer.byteSize() < bytes) {
      buffer = arena.allocate(bytes, JAVA_LONG.byteAlignment());
    }
    return buffer;
  }
}
