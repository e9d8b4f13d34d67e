package io.faultline.tests.benchmark;

import io.faultline.uffd.Advice;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.MoveMode;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;

/**
 * Receives and places a run of pages: with COPY from one buffer that is reused for every run, or
 * with MOVE from new pages that the run was received into. The read from a socket is replaced by a
 * copy from other memory, the same in all cases.
 */
public class ReceiveBenchmark extends FillBenchmark {
  private static final int RUN_BYTES = 64 << 10;
  private static final int HUGE_BYTES = 2 << 20;

  private final MemorySegment wire = segment(memory.filled());
  private final long buffer = memory.filled();
  private final long newPages = memory.untouched(Advice.NO_HUGE_PAGE);
  private final long newHugePages = memory.untouched(Advice.HUGE_PAGE);

  public ReceiveBenchmark() {
    super(BenchMemory::missing);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / RUN_BYTES)
  public long receiveAndCopy64KiB() {
    return receiveAndCopy(RUN_BYTES);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / HUGE_BYTES)
  public long receiveAndCopy2MiB() {
    return receiveAndCopy(HUGE_BYTES);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / RUN_BYTES)
  public long receiveAndMove64KiB() {
    return receiveAndMove(newPages, RUN_BYTES);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / HUGE_BYTES)
  public long receiveAndMove2MiB() {
    return receiveAndMove(newHugePages, HUGE_BYTES);
  }

  private long receiveAndCopy(int bytes) {
    long done = 0;
    for (long offset = 0; offset < BenchMemory.BYTES; offset += bytes) {
      MemorySegment.copy(wire, offset, segment(buffer), 0, bytes);
      done += memory.uffd().copy(target + offset, buffer, bytes, FillMode.WAKE);
    }
    return expect(BenchMemory.BYTES, done);
  }

  private long receiveAndMove(long from, int bytes) {
    long done = 0;
    for (long offset = 0; offset < BenchMemory.BYTES; offset += bytes) {
      MemorySegment.copy(wire, offset, segment(from), offset, bytes);
      done += memory.uffd().move(target + offset, from + offset, bytes, MoveMode.WAKE);
    }
    return expect(BenchMemory.BYTES, done);
  }

  private static MemorySegment segment(long address) {
    return MemorySegment.ofAddress(address).reinterpret(BenchMemory.BYTES);
  }
}
