package io.faultline.demo.kvm;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Kernel;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Starts the vCPUs once the pages are there that KVM itself reads: the guest's page tables and
 * code. Where KVM walks the tables in software, or decodes an instruction, it reads them with plain
 * copies, and a thread that sleeps in userfaultfd for one of those cannot be taken out by a signal
 * (the kernel would try again and again: {@code fault_signal_pending} in {@code do_user_addr_fault}
 * heeds only fatal signals). A thread that sleeps for any other page of the guest can.
 *
 * <p>So a thread of its own touches these few pages first, where it may sleep for as long as they
 * take. Thread-safe.
 */
final class Starter {
  private final Kernel kernel;
  private final MemoryRegion low;
  private final List<Long> pages;
  private @Nullable Thread thread;
  private volatile @Nullable Throwable failure;

  /**
   * @param pages offsets in low memory
   */
  Starter(Kernel kernel, MemoryRegion low, List<Long> pages) {
    this.kernel = kernel;
    this.low = low;
    this.pages = pages;
  }

  /** Starts the vCPUs, on a thread of its own; once. */
  synchronized void start(Runnable startVcpus) {
    Thread started =
        Thread.ofPlatform().daemon().name("kvm-starter").unstarted(() -> run(startVcpus));
    thread = started;
    started.start();
  }

  synchronized boolean isStarted() {
    return thread != null;
  }

  /** Why the vCPUs could not be started. */
  @Nullable Throwable failure() {
    return failure;
  }

  /**
   * Waits until it is done, if it was started.
   *
   * @throws IllegalStateException where it still waits for pages after that time
   */
  void join(Duration timeout) throws InterruptedException {
    Thread current;
    synchronized (this) {
      current = thread;
    }
    if (current != null && !current.join(timeout)) {
      throw new IllegalStateException(
          "the page tables of the VM have not come; its memory stays mapped");
    }
  }

  private void run(Runnable startVcpus) {
    try {
      for (long page : pages) {
        long ignored = kernel.guestLoad(low.guest().address(page));
      }
      startVcpus.run();
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }
}
