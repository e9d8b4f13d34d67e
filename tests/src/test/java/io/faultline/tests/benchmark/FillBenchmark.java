package io.faultline.tests.benchmark;

import io.faultline.uffd.FillMode;
import io.faultline.uffd.MoveMode;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The fill calls, one call at a time over memory whose pages are dropped between the rounds. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class FillBenchmark {
  private static final int CALLS = 16;
  private static final long KIB = 1024;

  private final BenchMemory memory = new BenchMemory(CALLS * 2048 * KIB);

  @Setup(Level.Invocation)
  public void dropPages() {
    memory.drop();
  }

  @TearDown
  public void close() {
    memory.close();
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long copy4KiB() {
    return copy(4 * KIB);
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long copy64KiB() {
    return copy(64 * KIB);
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long copy2MiB() {
    return copy(2048 * KIB);
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long zeroPage4KiB() {
    long sum = 0;
    for (int i = 0; i < CALLS; i++) {
      sum += memory.uffd().zeroPage(memory.target(4 * KIB * i), 4 * KIB, FillMode.WAKE);
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long continue4KiB() {
    long sum = 0;
    for (int i = 0; i < CALLS; i++) {
      sum += memory.uffd().continueFault(memory.shared(4 * KIB * i), 4 * KIB, FillMode.WAKE);
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public long move4KiB() {
    long sum = 0;
    for (int i = 0; i < CALLS; i++) {
      long at = 4 * KIB * i;
      sum += memory.uffd().move(memory.target(at), memory.movable(at), 4 * KIB, MoveMode.WAKE);
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public void wakeNobody() {
    for (int i = 0; i < CALLS; i++) {
      memory.uffd().wake(memory.target(4 * KIB * i), 4 * KIB);
    }
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public int readNothing() {
    int sum = 0;
    for (int i = 0; i < CALLS; i++) {
      sum += memory.uffd().read(memory.events());
    }
    return sum;
  }

  private long copy(long bytes) {
    long sum = 0;
    for (int i = 0; i < CALLS; i++) {
      sum += memory.uffd().copy(memory.target(i * bytes), memory.source(), bytes, FillMode.WAKE);
    }
    return sum;
  }
}
