package io.faultline.tests.benchmark;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.Userfaultfd;

/** Memory without pages, and the thread that fills a page for each fault in it. */
final class FaultHandler {
  private final BenchMemory memory;
  private final long target;
  private final long source;
  private final Thread thread;
  private long next;
  private volatile boolean stopped;

  FaultHandler(OpenOptions options) {
    memory = new BenchMemory(options);
    target = memory.missing();
    source = memory.filled();
    thread = Thread.ofPlatform().daemon().start(this::handle);
  }

  /** Selects the next missing page. */
  void advance() {
    next += BenchMemory.PAGE_BYTES;
    if (next == BenchMemory.BYTES) {
      next = 0;
      memory.drop(target);
    }
  }

  /** Touches the selected page; returns once the handler has filled it. */
  long touch() {
    return CallBenchmark.expect(BenchMemory.CONTENT, memory.kernel().guestLoad(target + next));
  }

  void close() throws InterruptedException {
    stopped = true;
    memory.drop(target);
    long unblocked = memory.kernel().guestLoad(target);
    thread.join();
    memory.close();
    assert unblocked == BenchMemory.CONTENT || unblocked == 0 : unblocked;
  }

  /**
   * If this fails, closing the userfaultfd releases the touching thread, which finds a zero page.
   */
  private void handle() {
    Cpu.pin(1);
    EventBuffer events = new EventBuffer(16);
    try (Userfaultfd uffd = memory.uffd()) {
      while (!stopped) {
        int faults = uffd.read(events);
        for (int i = 0; i < faults; i++) {
          uffd.copy(events.address(i), source, BenchMemory.PAGE_BYTES, FillMode.WAKE);
        }
      }
    }
  }
}
