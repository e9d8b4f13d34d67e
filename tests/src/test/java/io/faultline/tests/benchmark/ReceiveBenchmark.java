package io.faultline.tests.benchmark;

import io.faultline.uffd.Advice;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.OpenOptions;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A run of pages that is received and placed: with COPY from one buffer that serves every run, or
 * with MOVE from fresh pages that it was received into. What a socket's read does is a copy from
 * other memory here, the same in all of them.
 */
public class ReceiveBenchmark extends CallBenchmark {
  private static final int RUN = 64 << 10;
  private static final int HUGE = 2 << 20;

  private final BenchMemory memory = new BenchMemory(OpenOptions.of());
  private final MemorySegment wire = segment(memory.filled());
  private final long buffer = memory.filled();
  private final long fresh = memory.untouched(Advice.NO_HUGE_PAGE);
  private final long freshHuge = memory.untouched(Advice.HUGE_PAGE);
  private final long target = memory.missing();

  @Setup(Level.Invocation)
  public void drop() {
    memory.drop(target);
  }

  @TearDown
  public void close() {
    memory.close();
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / RUN)
  public long receiveAndCopy64KiB() {
    return receiveAndCopy(RUN);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / HUGE)
  public long receiveAndCopy2MiB() {
    return receiveAndCopy(HUGE);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / RUN)
  public long receiveAndMove64KiB() {
    return receiveAndMove(fresh, RUN);
  }

  @Benchmark
  @OperationsPerInvocation(BenchMemory.BYTES / HUGE)
  public long receiveAndMove2MiB() {
    return receiveAndMove(freshHuge, HUGE);
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
