package io.faultline.tests.benchmark;

import io.faultline.memory.ZeroPages;
import io.faultline.uffd.OpenOptions;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.TearDown;

/** Checks whether a page of 4 KiB is zero, on zero and on other pages, compiled by C1 and by C2. */
public class ZeroPagesBenchmark extends CallBenchmark {
  private static final String C1 = "-XX:TieredStopAtLevel=1";

  private final BenchMemory memory = new BenchMemory(OpenOptions.of());
  private final long data = memory.filled();
  private final long zeros = memory.filled();

  public ZeroPagesBenchmark() {
    MemorySegment.ofAddress(zeros).reinterpret(BenchMemory.BYTES).fill((byte) 0);
  }

  @TearDown
  public void close() {
    memory.close();
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.PAGES)
  public long zeros4KiB() {
    return expect(BenchMemory.PAGES, zeroPages(zeros));
  }

  @Benchmark
  @Fork(
      value = 1,
      jvmArgsAppend = {C1, NATIVE, UNSAFE})
  @OperationsPerInvocation(BenchMemory.PAGES)
  public long zeros4KiBByC1() {
    return expect(BenchMemory.PAGES, zeroPages(zeros));
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.PAGES)
  public long data4KiB() {
    return expect(0, zeroPages(data));
  }

  @Benchmark
  @Fork(
      value = 1,
      jvmArgsAppend = {C1, NATIVE, UNSAFE})
  @OperationsPerInvocation(BenchMemory.PAGES)
  public long data4KiBByC1() {
    return expect(0, zeroPages(data));
  }

  private static long zeroPages(long address) {
    long found = 0;
    for (long at = address; at < address + BenchMemory.BYTES; at += BenchMemory.PAGE_BYTES) {
      found += ZeroPages.isZero(at, BenchMemory.PAGE_BYTES) ? 1 : 0;
    }
    return found;
  }
}
