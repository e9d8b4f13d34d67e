package io.faultline.demo.kvm;

import io.faultline.demo.vcpu.StandbyThreads;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Kernel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Starts the vCPUs once the pages are there that KVM itself reads: the guest's page tables and
 * code. Where KVM walks the tables in software, or decodes an instruction, it reads them with plain
 * copies, and a thread that sleeps in userfaultfd for one of those cannot be taken out by a signal
 * (the kernel would try again and again: {@code fault_signal_pending} in {@code do_user_addr_fault}
 * heeds only fatal signals). A thread that sleeps for any other page of the guest can.
 *
 * <p>So threads of its own touch these few pages first, where they may sleep for as long as those
 * take: several at a time, since the VM stands still until the last of them is there. Thread-safe.
 */
final class VcpuStarter {
  private static final int TOUCHERS = 8;

  private final Kernel kernel;
  private final MemoryRegion low;
  private final List<Long> pages;
  private final int count;
  private final AtomicInteger left;
  private final StandbyThreads touchers = new StandbyThreads();
  private boolean ready;
  private volatile @Nullable Runnable startVcpus;
  private volatile @Nullable Throwable failure;
  private volatile boolean done;

  /**
   * @param pages offsets in low memory, at least one
   */
  VcpuStarter(Kernel kernel, MemoryRegion low, List<Long> pages) {
    this.kernel = kernel;
    this.low = low;
    this.pages = pages;
    count = Math.min(TOUCHERS, pages.size());
    left = new AtomicInteger(count);
  }

  /**
   * Makes its threads, which takes time.
   *
   * @throws IllegalStateException where no more can be had
   */
  synchronized void makeReady() {
    if (!ready) {
      ready = true;
      for (int n = 0; n < count; n++) {
        int first = n;
        touchers.add("kvm-toucher-" + n, () -> touch(first));
      }
    }
  }

  /** Has the vCPUs started, by one of its threads; once. */
  synchronized void start(Runnable startVcpus) {
    makeReady();
    this.startVcpus = startVcpus;
    touchers.release();
  }

  boolean isStarted() {
    return startVcpus != null;
  }

  /** Whether all that it touches is there. */
  boolean isDone() {
    return done;
  }

  /** Why the vCPUs could not be started. */
  @Nullable Throwable failure() {
    return failure;
  }

  /**
   * Waits until it is done, if it was started; else it never will be.
   *
   * @throws IllegalStateException where it still waits for pages after that time
   */
  void join(Duration timeout) throws InterruptedException {
    if (!isStarted()) {
      touchers.dismiss();
    }
    if (touchers.join(timeout).isPresent()) {
      throw new IllegalStateException(
          "the page tables of the VM have not come; its memory stays mapped");
    }
  }

  /** Touches each eighth page, from the n-th on; the last thread that is through starts the VM. */
  private void touch(int n) {
    try {
      for (int i = n; i < pages.size(); i += TOUCHERS) {
        long ignored = kernel.guestLoad(low.guest().address(pages.get(i)));
      }
      if (left.decrementAndGet() == 0) {
        done = true;
        Objects.requireNonNull(startVcpus, "not started").run();
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }
}
