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
import java.util.Arrays;

/** Waits for descriptors (poll(2)). */
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
    return poll(POLLIN, millis, fd);
  }

  /** As {@link #awaitReadable(int, int)}, for either of two. */
  static boolean awaitReadable(int fd, int other, int millis) {
    return poll(POLLIN, millis, fd, other);
  }

  /** As {@link #awaitReadable(int, int)}, for writing. */
  static boolean awaitWritable(int fd, int millis) {
    return poll(POLLOUT, millis, fd);
  }

  private static boolean poll(short events, int millis, int... fds) {
    int ready = call(events, millis, fds);
    if (ready < 0 && ready != -Errno.EINTR) {
      throw new SystemCallException("poll(" + Arrays.toString(fds) + ")", -ready);
    }
    return ready > 0;
  }

  private static int call(short events, int millis, int... fds) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment entries = arena.allocate((long) fds.length * POLLFD_BYTES, Integer.BYTES);
      for (int i = 0; i < fds.length; i++) {
        entries.set(JAVA_INT, (long) i * POLLFD_BYTES, fds[i]);
        entries.set(JAVA_SHORT, (long) i * POLLFD_BYTES + POLLFD_EVENTS, events);
      }
      return result(
          (int) POLL.invokeExact(capture(), entries.address(), (long) fds.length, millis));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
