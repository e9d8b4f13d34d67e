package io.faultline.tests.benchmark;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.OpenOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Reads that return one fault each. Each thread sleeps on a missing page of its own. Woken without
 * the page, it faults again, and the fault can be read again.
 */
public class EventReadBenchmark extends CallBenchmark {
  private static final int THREADS = 64;
  private static final long LENGTH_BYTES = THREADS * (long) BenchMemory.PAGE_BYTES;

  private final BenchMemory memory = new BenchMemory(OpenOptions.of());
  private final long target = memory.missing();
  private final long source = memory.filled();
  private final EventBuffer event = new EventBuffer(1);
  private final ByteBuffer info = ByteBuffer.allocateDirect(512);
  private final List<Thread> touchers = new ArrayList<>();
  private final FileChannel infoFile;

  public EventReadBenchmark() {
    try {
      infoFile = FileChannel.open(Path.of("/proc/self/fdinfo/" + memory.uffd().fd()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    for (int i = 0; i < THREADS; i++) {
      long address = target + i * (long) BenchMemory.PAGE_BYTES;
      touchers.add(Thread.ofPlatform().daemon().start(() -> touch(address)));
    }
  }

  @Setup(Level.Invocation)
  public void queueFaults() throws IOException {
    memory.uffd().wake(target, LENGTH_BYTES);
    while (pending() < THREADS) {
      Thread.onSpinWait();
    }
  }

  @TearDown
  public void close() throws InterruptedException, IOException {
    memory.uffd().copy(target, source, LENGTH_BYTES, FillMode.WAKE);
    for (Thread toucher : touchers) {
      toucher.join();
    }
    infoFile.close();
    memory.close();
  }

  @Benchmark
  @OperationsPerInvocation(THREADS)
  public long readFault() {
    long read = 0;
    for (int i = 0; i < THREADS; i++) {
      read += memory.uffd().read(event);
    }
    return expect(THREADS, read);
  }

  private void touch(long address) {
    Cpu.pin(1);
    memory.kernel().guestLoad(address);
  }

  /** The number of unread faults: the line "pending:" of fdinfo. Allocates nothing. */
  private int pending() throws IOException {
    info.clear();
    int length = infoFile.read(info, 0);
    int at = 0;
    while (at + 1 < length && (info.get(at) != 'p' || info.get(at + 1) != 'e')) {
      at++;
    }
    int number = 0;
    for (at += "pending:\t".length(); at < length && info.get(at) >= '0'; at++) {
      number = number * 10 + info.get(at) - '0';
    }
    return number;
  }
}
