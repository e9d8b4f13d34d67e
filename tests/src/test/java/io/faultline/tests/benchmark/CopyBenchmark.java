package io.faultline.tests.benchmark;

import io.faultline.uffd.FillMode;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** COPY and ZEROPAGE into missing memory, with no thread waiting for it. */
public class CopyBenchmark extends FillBenchmark {
  private static final int KIB = 1024;

  private final long source = memory.filled();

  public CopyBenchmark() {
    super(BenchMemory::missing);
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

  /** Always from the same source, which is hot in the cache, like a page just received. */
  private long copy(long bytes) {
    long done = 0;
    for (long offset = 0; offset < BenchMemory.BYTES; offset += bytes) {
      done += memory.uffd().copy(target + offset, source, bytes, FillMode.WAKE);
    }
    return expect(BenchMemory.BYTES, done);
  }
}
