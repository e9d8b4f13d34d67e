package io.faultline.tests.benchmark;

import io.faultline.uffd.OpenOptions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The round trip of a fault: a thread touches a missing page, a thread on another CPU copies it.
 */
@BenchmarkMode(Mode.SampleTime)
public class FaultBenchmark extends CallBenchmark {

  /** The handler blocks in read. */
  @State(Scope.Thread)
  public static class Blocking {
    private final FaultHandler handler = new FaultHandler(OpenOptions.of().blocking());

    @Setup(Level.Invocation)
    public void advance() {
      handler.advance();
    }

    @TearDown
    public void close() throws InterruptedException {
      handler.close();
    }
  }

  /** The handler spins on read. */
  @State(Scope.Thread)
  public static class Spinning {
    private final FaultHandler handler = new FaultHandler(OpenOptions.of());

    @Setup(Level.Invocation)
    public void advance() {
      handler.advance();
    }

    @TearDown
    public void close() throws InterruptedException {
      handler.close();
    }
  }

  @Benchmark
  public long faultBlocking(Blocking state) {
    return state.handler.touch();
  }

  @Benchmark
  public long faultSpinning(Spinning state) {
    return state.handler.touch();
  }
}
