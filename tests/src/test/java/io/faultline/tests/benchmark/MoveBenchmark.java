package io.faultline.tests.benchmark;

import io.faultline.uffd.MoveMode;
import io.faultline.uffd.OpenOptions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.TearDown;

/** MOVE of all pages from one range to another; the next invocation moves them back. */
public class MoveBenchmark extends CallBenchmark {
  private final BenchMemory memory = new BenchMemory(OpenOptions.of());
  private long from = memory.movable();
  private long to = memory.missing();

  @TearDown
  public void close() {
    memory.close();
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.PAGES)
  public long move4KiB() {
    long done = 0;
    for (long offset = 0; offset < BenchMemory.BYTES; offset += BenchMemory.PAGE_BYTES) {
      done += memory.uffd().move(to + offset, from + offset, BenchMemory.PAGE_BYTES, MoveMode.WAKE);
    }
    long emptied = from;
    from = to;
    to = emptied;
    return expect(BenchMemory.BYTES, done);
  }
}
