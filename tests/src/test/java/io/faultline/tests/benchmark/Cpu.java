package io.faultline.tests.benchmark;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/** Pins threads to CPUs, so that the scheduler does not affect the comparison. */
final class Cpu {
  private static final MethodHandle SCHED_SETAFFINITY =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("sched_setaffinity"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

  private Cpu() {}

  /**
   * Pins the calling thread.
   *
   * @param cpu 0 to 63
   * @throws IllegalStateException if this process may not use the CPU
   */
  static void pin(int cpu) {
    int result;
    try (Arena arena = Arena.ofConfined()) {
      long mask = arena.allocateFrom(JAVA_LONG, 1L << cpu).address();
      result = (int) SCHED_SETAFFINITY.invokeExact(0, (long) Long.BYTES, mask);
    } catch (Throwable t) {
      throw new AssertionError("a downcall threw", t);
    }
    if (result != 0) {
      throw new IllegalStateException("the benchmarks need CPU " + cpu);
    }
  }
}
