package io.faultline.tests.benchmark;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The settings of all benchmarks. An invocation makes very many calls (a pass over the memory), so
 * that the overhead of JMH between two invocations is negligible.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {CallBenchmark.NATIVE, CallBenchmark.UNSAFE})
public abstract class CallBenchmark {
  /** For the engine's downcalls. */
  static final String NATIVE = "--enable-native-access=ALL-UNNAMED";

  /** For JMH itself. */
  static final String UNSAFE = "--sun-misc-unsafe-memory-access=allow";

  CallBenchmark() {
    Cpu.pin(0);
  }

  /** Fails if calls did less than they were told to do. */
  static long expect(long expected, long actual) {
    if (actual != expected) {
      throw new IllegalStateException(actual + " instead of " + expected);
    }
    return actual;
  }
}
