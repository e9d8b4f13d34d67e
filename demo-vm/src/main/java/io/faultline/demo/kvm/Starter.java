package io.faultline.demo.kvm;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Kernel;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
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
final class Starter {
  private static final int TOUCHERS = 8;

  private final Kernel kernel;
  private final MemoryRegion low;
  private final List<Long> pages;
  private @Nullable Thread thread;
  private volatile @Nullable Throwable failure;
  private volatile boolean done;

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

  /** Whether all that it touches is there. */
  boolean isDone() {
    return done;
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
      List<Thread> others =
          IntStream.range(1, Math.min(TOUCHERS, pages.size()))
              .mapToObj(
                  n -> Thread.ofPlatform().daemon().name("kvm-toucher-" + n).start(() -> touch(n)))
              .toList();
      touch(0);
      for (Thread other : others) {
        other.join();
      }
      done = true;
      startVcpus.run();
    } catch (InterruptedException e) {
      failure = e; // nobody does that
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }

  /** Each eighth page, from the n-th on. */
  private void touch(int n) {
    for (int i = n; i < pages.size(); i += TOUCHERS) {
      long ignored = kernel.guestLoad(low.guest().address(pages.get(i)));
    }
  }
}
