package io.faultline.tests.benchmark;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.OpenOptions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.TearDown;

/** The cheapest calls: almost all of their time is the transition to the kernel and back. */
public class IdleCallBenchmark extends CallBenchmark {
  private final BenchMemory memory = new BenchMemory(OpenOptions.of());
  private final long target = memory.missing();
  private final EventBuffer events = new EventBuffer(16);

  @TearDown
  public void close() {
    memory.close();
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.PAGES)
  public void wakeNobody() {
    for (long offset = 0; offset < BenchMemory.BYTES; offset += BenchMemory.PAGE_BYTES) {
      memory.uffd().wake(target + offset, BenchMemory.PAGE_BYTES);
    }
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.PAGES)
  public long readNothing() {
    long read = 0;
    for (int i = 0; i < BenchMemory.PAGES; i++) {
      read += memory.uffd().read(events);
    }
    return expect(0, read);
  }
}
