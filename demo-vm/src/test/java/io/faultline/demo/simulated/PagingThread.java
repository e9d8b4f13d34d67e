package io.faultline.demo.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Resolves the faults of one VM with the pages of another, in the same process. */
final class PagingThread implements AutoCloseable {
  private final MemoryRegion from;
  private final MemoryRegion to;
  private final Userfaultfd uffd;
  private final Thread thread;
  private final AtomicInteger faults = new AtomicInteger();
  private volatile boolean answering = true;
  private volatile boolean closing;

  private PagingThread(MemoryRegion from, MemoryRegion to, Userfaultfd uffd) {
    this.from = from;
    this.to = to;
    this.uffd = uffd;
    this.thread = Thread.ofPlatform().name("pager").unstarted(this::run);
  }

  /** Watches the memory of {@code to}, no page of which is there yet. */
  static PagingThread between(SimulatedVm from, SimulatedVm to) {
    MemoryRegion region = to.ram();
    Userfaultfd uffd = open();
    uffd.register(region.guest().address(), region.sizeBytes(), Set.of(RegisterMode.MISSING));
    PagingThread pager = new PagingThread(from.ram(), region, uffd);
    pager.thread.start();
    return pager;
  }

  /** From now on faults are read, and nothing is done about them. */
  void stopAnswering() {
    answering = false;
  }

  /** Faults read so far. */
  int faults() {
    return faults.get();
  }

  /** Copies all pages that are not there, and ends the registration. */
  void fillTheRest() {
    for (long page = 0; page < to.pageCount(); page++) {
      copy(page * to.pageBytes());
    }
    uffd.unregister(to.guest().address(), to.sizeBytes());
  }

  /** Ends the thread; vCPUs that wait for a page go on with zeros. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      uffd.close();
    }
  }

  private static Userfaultfd open() {
    try {
      return TestVms.KERNEL.openUserfaultfd(OpenOptions.of());
    } catch (SystemCallException e) {
      assumeTrue(false, "userfaultfd is not to be had here: " + e.getMessage());
      throw e;
    }
  }

  private void run() {
    EventBuffer events = new EventBuffer(16);
    while (!closing) {
      int count = uffd.read(events);
      for (int i = 0; i < count; i++) {
        faults.incrementAndGet();
        if (answering) {
          long offset = events.address(i) - to.guest().address();
          copy(offset / to.pageBytes() * to.pageBytes());
        }
      }
      if (count == 0) {
        LockSupport.parkNanos(10_000);
      }
    }
  }

  private void copy(long offset) {
    long result =
        uffd.copy(
            to.guest().address(offset),
            from.guest().dataAddress(offset),
            to.pageBytes(),
            FillMode.WAKE);
    assertThat(FillResult.errno(result)).isIn(0, Errno.EEXIST);
  }
}
