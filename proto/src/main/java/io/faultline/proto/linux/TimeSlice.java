package io.faultline.proto.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;

/**
 * How long a thread runs before the scheduler lets another one run (sched_setattr(2), {@code
 * sched_runtime}). A thread that wakes up runs at once if its slice is shorter than that of the
 * thread that runs; otherwise it waits for the end of that one's slice, which the kernel may notice
 * at its next tick only, up to 4 ms later. The share of the CPU that each of them gets is the same
 * with any slice.
 *
 * <p>For ordinary threads since Linux 6.12 ({@code PREEMPT_SHORT} of the scheduler); earlier
 * kernels ignore it.
 *
 * <pre>
 *   struct sched_attr (linux/sched/types.h), version 0
 *   0   4  size           16  4  nice            32  8  deadline
 *   4   4  policy         20  4  priority        40  8  period
 *   8   8  flags          24  8  runtime: the slice, in nanoseconds
 * </pre>
 */
public enum TimeSlice {
  /** Of a thread that runs for some microseconds at a time, while a guest waits for it. */
  SHORT(TimeUnit.MICROSECONDS.toNanos(100)),
  /** Of a thread that always has something to do, and that nothing waits for. */
  LONG(TimeUnit.MILLISECONDS.toNanos(10));

  private static final int BYTES = 48;
  private static final long POLICY = 4;
  private static final long RUNTIME = 24;
  private static final int SCHED_OTHER = 0;
  private static final int SCHED_BATCH = 3;
  private static final long CALLER = 0;

  private static final MethodHandle SYSCALL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
              FunctionDescriptor.of(
                  JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
              Linker.Option.firstVariadicArg(1));

  private final long nanos;

  TimeSlice(long nanos) {
    this.nanos = nanos;
  }

  /**
   * Sets the slice of the calling thread. A thread that its user has put into another scheduling
   * class stays as it is.
   *
   * @return whether the kernel took it, which an early one then ignores
   */
  public boolean set() {
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    long get = arm ? 275 : 315; // asm-generic/unistd.h, syscall_64.tbl
    long set = arm ? 274 : 314;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(BYTES, Long.BYTES);
      if (call(get, attributes, BYTES) < 0 || !isOrdinary(attributes.get(JAVA_INT, POLICY))) {
        return false;
      }
      attributes.set(JAVA_LONG, RUNTIME, nanos);
      return call(set, attributes, 0) == 0;
    }
  }

  private static boolean isOrdinary(int policy) {
    return policy == SCHED_OTHER || policy == SCHED_BATCH;
  }

  /**
   * @param last the size of the attributes for one call, flags for the other
   */
  private static long call(long number, MemorySegment attributes, long last) {
    try {
      long address = attributes.address();
      return (long) SYSCALL.invokeExact(number, CALLER, address, last, 0L);
    } catch (Throwable e) { // invokeExact declares it; syscall throws nothing
      throw new IllegalStateException(e);
    }
  }
}
