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
 * Starts the vCPUs when the pages that KVM itself reads are present: the guest's page tables and
 * code. KVM reads them with plain copies when it walks the tables in software or decodes an
 * instruction. A vCPU's thread that sleeps in userfaultfd for such a page cannot be kicked: the
 * kernel retries the fault, since {@code fault_signal_pending} in {@code do_user_addr_fault} checks
 * only for fatal signals. A thread that sleeps for any other page of the guest can be kicked.
 *
 * <p>So separate threads touch these few pages first and sleep as long as necessary. There are
 * several, to fetch pages in parallel, since the VM cannot run until all are present. Thread-safe.
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
   * Makes the threads ahead of {@link #start}, since that takes time.
   *
   * @throws IllegalStateException if the system refuses a thread
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

  /** Starts to touch the pages. The last thread to finish starts the vCPUs; once. */
  synchronized void start(Runnable startVcpus) {
    makeReady();
    this.startVcpus = startVcpus;
    touchers.release();
  }

  boolean isStarted() {
    return startVcpus != null;
  }

  /** Whether all pages that KVM reads itself are present. */
  boolean isDone() {
    return done;
  }

  /** Why the vCPUs could not be started; null if they could, or did not try yet. */
  @Nullable Throwable failure() {
    return failure;
  }

  /**
   * Waits until the threads have ended. If they were not started, they never will be.
   *
   * @throws IllegalStateException if a thread still waits for a page after this time
   */
  void join(Duration timeout) throws InterruptedException {
    if (!isStarted()) {
      touchers.dismiss();
    }
    if (touchers.join(timeout).isPresent()) {
      throw new IllegalStateException(
          "the VM's page tables have not arrived; its memory stays mapped");
    }
  }

  /** Touches every eighth page, starting with the n-th. The last thread to finish starts the VM. */
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
