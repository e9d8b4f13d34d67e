package io.faultline.uffd.linux.process;

import static io.faultline.uffd.linux.NativeCalls.bindWithoutErrno;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;

/**
 * Waits for any of some descriptors to become readable (ppoll(2)), without allocating: for the loop
 * of one thread, with times below a millisecond. Confined to one thread.
 */
public final class DescriptorPoll implements AutoCloseable {
  private static final short POLLIN = 1;
  private static final int ENTRY_BYTES = 8; // struct pollfd: int fd, short events, short revents
  private static final int EVENTS = 4;
  private static final int RETURNED_EVENTS = 6;
  private static final long NO_SIGNAL_MASK = 0;
  private static final long FOR_EVER = 0;

  private static final MethodHandle PPOLL =
      bindWithoutErrno(
          "ppoll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private final Arena arena = Arena.ofShared();
  private final MemorySegment entries;
  private final MemorySegment time; // struct timespec: seconds, nanoseconds
  private final long count;
  private boolean anyReady;

  /**
   * @param descriptors which stay the caller's, and stay open until this is closed
   */
  public DescriptorPoll(int... descriptors) {
    count = descriptors.length;
    entries = arena.allocate(count * ENTRY_BYTES, Long.BYTES);
    time = arena.allocate(2L * Long.BYTES, Long.BYTES);
    for (int i = 0; i < count; i++) {
      entries.set(JAVA_INT, (long) i * ENTRY_BYTES, descriptors[i]);
      entries.set(JAVA_SHORT, (long) i * ENTRY_BYTES + EVENTS, POLLIN);
    }
  }

  /**
   * Returns once a descriptor is readable or has an error or an end, on a signal, or after the
   * time.
   *
   * @param nanos the longest wait, in nanoseconds; 0 for none, negative for any
   */
  public void await(long nanos) {
    long limit = FOR_EVER;
    if (nanos >= 0) {
      time.set(JAVA_LONG, 0, nanos / TimeUnit.SECONDS.toNanos(1));
      time.set(JAVA_LONG, Long.BYTES, nanos % TimeUnit.SECONDS.toNanos(1));
      limit = time.address();
    }
    try {
      int ready = (int) PPOLL.invokeExact(entries.address(), count, limit, NO_SIGNAL_MASK);
      anyReady = ready > 0; // the entries are not changed if it failed
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * Whether the last wait found a descriptor readable, or with an error or an end.
   *
   * @param index of the descriptor, as given to the constructor
   */
  public boolean isReady(int index) {
    return anyReady && entries.get(JAVA_SHORT, (long) index * ENTRY_BYTES + RETURNED_EVENTS) != 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
