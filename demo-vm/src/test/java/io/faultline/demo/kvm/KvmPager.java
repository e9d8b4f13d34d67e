package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Resolves the faults of one VM with the pages of another, in the same process. */
final class KvmPager implements AutoCloseable {
  private final List<MemoryRegion> from;
  private final List<MemoryRegion> to;
  private final Userfaultfd uffd;
  private final Thread thread;
  private final AtomicInteger faults = new AtomicInteger();
  private volatile boolean answering = true;
  private volatile boolean closing;

  private KvmPager(List<MemoryRegion> from, List<MemoryRegion> to, Userfaultfd uffd) {
    this.from = from;
    this.to = to;
    this.uffd = uffd;
    this.thread = Thread.ofPlatform().name("kvm-pager").unstarted(this::run);
  }

  /** Watches the memory of {@code to}, no page of which is there yet. */
  static KvmPager between(List<MemoryRegion> from, List<MemoryRegion> to) {
    Userfaultfd uffd = open();
    for (MemoryRegion region : to) {
      uffd.register(region.guest().address(), region.sizeBytes(), Set.of(RegisterMode.MISSING));
    }
    KvmPager pager = new KvmPager(from, to, uffd);
    pager.thread.start();
    return pager;
  }

  /** Whether faults that are read are resolved. Those that were not are lost. */
  void setAnswering(boolean answer) {
    answering = answer;
  }

  /** Faults read so far. */
  int faults() {
    return faults.get();
  }

  /** Copies all pages that are not there, and ends the registration. */
  void fillTheRest() {
    for (MemoryRegion region : to) {
      for (long offset = 0; offset < region.sizeBytes(); offset += region.pageBytes()) {
        copy(region, offset);
      }
      uffd.unregister(region.guest().address(), region.sizeBytes());
    }
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
      return TestKvmVms.KERNEL.openUserfaultfd(
          OpenOptions.of().withScope(FaultScope.USER_AND_KERNEL));
    } catch (SystemCallException e) {
      assumeTrue(false, "faults of KVM cannot be caught here: " + e.getMessage());
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
          resolve(events.address(i));
        }
      }
      if (count == 0) {
        LockSupport.parkNanos(10_000);
      }
    }
  }

  private void resolve(long address) {
    for (MemoryRegion region : to) {
      long offset = address - region.guest().address();
      if (offset >= 0 && offset < region.sizeBytes()) {
        copy(region, offset / region.pageBytes() * region.pageBytes());
      }
    }
  }

  private void copy(MemoryRegion region, long offset) {
    long result =
        uffd.copy(
            region.guest().address(offset),
            from.get(region.id()).guest().dataAddress(offset),
            region.pageBytes(),
            FillMode.WAKE);
    assertThat(FillResult.errno(result)).isIn(0, Errno.EEXIST);
  }
}
