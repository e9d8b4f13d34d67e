package io.faultline.tests.benchmark;

import io.faultline.uffd.OpenOptions;
import java.util.function.ToLongFunction;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** A benchmark of calls that fill a mapping, which is emptied before each invocation. */
public abstract class FillBenchmark extends CallBenchmark {
  final BenchMemory memory = new BenchMemory(OpenOptions.of());
  final long target;

  FillBenchmark(ToLongFunction<BenchMemory> map) {
    target = map.applyAsLong(memory);
  }

  @Setup(Level.Invocation)
  public void drop() {
    memory.drop(target);
  }

  @TearDown
  public void close() {
    memory.close();
  }
}
