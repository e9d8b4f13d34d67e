package io.faultline.uffd.linux.process;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Waits for one descriptor (poll(2)). */
final class PollCalls {
  private static final short POLLIN = 1;
  private static final short POLLOUT = 4;
  private static final int POLLFD_BYTES = 8;
  private static final int POLLFD_EVENTS = 4;

  private static final MethodHandle POLL =
      bind("poll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private PollCalls() {}

  /**
   * Whether a descriptor can be read, or has an end or an error to be read, within a time. A signal
   * ends the wait early.
   *
   * @param millis 0 for now, -1 for ever
   */
  static boolean awaitReadable(int fd, int millis) {
    return poll(fd, POLLIN, millis);
  }

  /** As {@link #awaitReadable}, for writing. */
  static boolean awaitWritable(int fd, int millis) {
    return poll(fd, POLLOUT, millis);
  }

  private static boolean poll(int fd, short events, int millis) {
    int ready = call(fd, events, millis);
    if (ready < 0 && ready != -Errno.EINTR) {
      throw new SystemCallException("poll(" + fd + ")", -ready);
    }
    return ready > 0;
  }

  private static int call(int fd, short events, int millis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entry = arena.allocate(POLLFD_BYTES, Integer.BYTES);
      entry.set(JAVA_INT, 0, fd);
      entry.set(JAVA_SHORT, POLLFD_EVENTS, events);
      return result((int) POLL.invokeExact(capture(), entry.address(), 1L, millis));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
