package io.faultline.tests.benchmark;

import io.faultline.uffd.FillMode;
import io.faultline.uffd.OpenOptions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** CONTINUE over shared memory whose pages are in the page cache. */
public class ContinueBenchmark extends CallBenchmark {
  private final BenchMemory memory = new BenchMemory(OpenOptions.of());
  private final long target = memory.minor();

  @Setup(Level.Invocation)
  public void drop() {
    memory.drop(target);
  }

  @TearDown
  public void close() {
    memory.close();
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
