package io.faultline.uffd.linux;

import static io.faultline.uffd.linux.NativeCalls.bindWithoutErrno;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Waits for a descriptor to become readable (poll(2)), without allocating. */
final class Readiness {
  private static final short POLLIN = 1;
  private static final int EVENTS = 4;
  private static final int RETURNED_EVENTS = 6;

  private static final MethodHandle POLL =
      bindWithoutErrno("poll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private Readiness() {}

  /** Returns when the descriptor is readable or has an error, on a signal, or after the timeout. */
  static void await(int fd, int timeoutMillis) {
    MemorySegment entry = CallScratch.ofThread().argument();
    entry.set(JAVA_INT, 0, fd);
    entry.set(JAVA_SHORT, EVENTS, POLLIN);
    entry.set(JAVA_SHORT, RETURNED_EVENTS, (short) 0);
    try {
      int ignored = (int) POLL.invokeExact(entry.address(), 1L, timeoutMillis);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
