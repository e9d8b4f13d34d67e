package io.faultline.demo.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Resolves the page faults of one VM with the pages of another, in the same process. */
public final class PagingThread implements AutoCloseable {
  private final List<MemoryRegion> from;
  private final List<MemoryRegion> to;
  private final Userfaultfd uffd;
  private final Thread thread;
  private final AtomicInteger faults = new AtomicInteger();
  private volatile boolean resolving = true;
  private volatile boolean closing;

  private PagingThread(List<MemoryRegion> from, List<MemoryRegion> to, Userfaultfd uffd) {
    this.from = from;
    this.to = to;
    this.uffd = uffd;
    this.thread = Thread.ofPlatform().name("pager").unstarted(this::run);
  }

  /**
   * Registers memory of which no page is present, and starts to resolve its faults.
   *
   * @param from regions with the same ids and sizes as those of {@code to}
   * @param scope which accesses to {@code to} are caught
   */
  public static PagingThread between(
      List<MemoryRegion> from, List<MemoryRegion> to, FaultScope scope) {
    Userfaultfd uffd = TestHost.openUserfaultfd(scope);
    for (MemoryRegion region : to) {
      uffd.register(region.guest().address(), region.sizeBytes(), Set.of(RegisterMode.MISSING));
    }
    PagingThread pager = new PagingThread(from, to, uffd);
    pager.thread.start();
    return pager;
  }

  /** Whether faults are resolved from now on. A fault that is read meanwhile never is. */
  public void setResolving(boolean resolve) {
    resolving = resolve;
  }

  /** Faults read so far. */
  public int faults() {
    return faults.get();
  }

  /** Copies all missing pages, and unregisters the memory. */
  public void copyMissingPages() {
    for (MemoryRegion region : to) {
      for (long offset = 0; offset < region.sizeBytes(); offset += region.pageBytes()) {
        copy(region, offset);
      }
      uffd.unregister(region.guest().address(), region.sizeBytes());
    }
  }

  /** Ends the thread. A vCPU that still waits for a page gets zeros. */
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

  private void run() {
    EventBuffer events = new EventBuffer(16);
    while (!closing) {
      int count = uffd.read(events);
      for (int i = 0; i < count; i++) {
        faults.incrementAndGet();
        if (resolving) {
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
