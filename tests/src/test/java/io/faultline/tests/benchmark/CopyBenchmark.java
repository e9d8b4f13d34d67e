package io.faultline.tests.benchmark;

import io.faultline.uffd.FillMode;
import io.faultline.uffd.OpenOptions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** COPY and ZEROPAGE into missing memory where nobody waits. */
public class CopyBenchmark extends CallBenchmark {
  private static final int KIB = 1024;

  private final BenchMemory memory = new BenchMemory(OpenOptions.of());
  private final long target = memory.missing();
  private final long source = memory.filled();

  @Setup(Level.Invocation)
  public void drop() {
    memory.drop(target);
  }

  @TearDown
  public void close() {
    memory.close();
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / (4 * KIB))
  public long copy4KiB() {
    return copy(4 * KIB);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / (64 * KIB))
  public long copy64KiB() {
    return copy(64 * KIB);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / (2048 * KIB))
  public long copy2MiB() {
    return copy(2048 * KIB);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.PAGES)
  public long zeroPage4KiB() {
    long done = 0;
    for (long offset = 0; offset < BenchMemory.BYTES; offset += 4 * KIB) {
      done += memory.uffd().zeroPage(target + offset, 4 * KIB, FillMode.WAKE);
    }
    return expect(BenchMemory.BYTES, done);
  }

  /** From the same source each time, which is hot in the cache as a received page is. */
  private long copy(long bytes) {
    long done = 0;
    for (long offset = 0; offset < BenchMemory.BYTES; offset += bytes) {
      done += memory.uffd().copy(target + offset, source, bytes, FillMode.WAKE);
    }
    return expect(BenchMemory.BYTES, done);
  }
}
