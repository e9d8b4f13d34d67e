package io.faultline.tests.benchmark;

import io.faultline.uffd.FillMode;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/** CONTINUE over shared memory whose pages are in the page cache. */
public class ContinueBenchmark extends FillBenchmark {
  public ContinueBenchmark() {
    super(BenchMemory::minor);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.PAGES)
  public long continue4KiB() {
    long done = 0;
    for (long offset = 0; offset < BenchMemory.BYTES; offset += BenchMemory.PAGE_BYTES) {
      done += memory.uffd().continueFault(target + offset, BenchMemory.PAGE_BYTES, FillMode.WAKE);
    }
    return expect(BenchMemory.BYTES, done);
  }
}
