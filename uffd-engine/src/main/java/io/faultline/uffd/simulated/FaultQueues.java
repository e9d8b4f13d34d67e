package io.faultline.uffd.simulated;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The two queues of a userfaultfd: unread faults, and faults that have been read. Thread-safe.
 *
 * <p><b>No wake-up is lost.</b> A fault enqueues, fences, and checks the page; a fill publishes the
 * page, fences, and checks the queues. At least one of the two checks sees the other side's change,
 * so either the fault finds the page or the fill finds the fault.
 */
final class FaultQueues {
  private static final VarHandle REFILED;

  static {
    try {
      REFILED = MethodHandles.lookup().findVarHandle(FaultQueues.class, "refiled", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final KernelGeneration generation;
  private final Scheduling scheduling;
  private final ReentrantLock lock = new ReentrantLock();
  private final FaultQueue pending = new FaultQueue();
  private final FaultQueue read = new FaultQueue();
  private volatile boolean earlyCheck;

  /** Odd while a fault moves between the queues; changes under the lock. */
  private volatile int refiled;

  FaultQueues(KernelGeneration generation, Scheduling scheduling) {
    this.generation = generation;
    this.scheduling = scheduling;
  }

  /** Whether there are unread faults. */
  boolean isReadable() {
    return pending.isActive();
  }

  /**
   * Enqueues the calling thread to wait for a page ({@code handle_userfault}).
   *
   * @param mustWait rechecks the page table
   * @return whether to sleep; else the access must be retried immediately
   */
  boolean enqueue(FaultWaiter waiter, BooleanSupplier mustWait) {
    scheduling.step(Step.ENQUEUE, waiter.address);
    boolean waits = true;
    lock.lock();
    try {
      pending.add(waiter);
      if (!scheduling.stopsThreads()) {
        waits = recheck(waiter, mustWait);
      }
    } finally {
      lock.unlock();
    }
    if (scheduling.stopsThreads()) {
      waits = recheck(waiter, mustWait);
    }
    if (!waits) {
      leave(waiter);
    }
    return waits;
  }

  /**
   * The fault's half of the protocol: fence, recheck the page. Linux does not hold the queue's lock
   * here, but a kernel thread is hardly ever stopped here either. A JVM's thread may be, so if
   * threads run freely, the caller holds the lock: that shortens the time in which a reader can
   * read a fault that then disappears.
   */
  private boolean recheck(FaultWaiter waiter, BooleanSupplier mustWait) {
    VarHandle.fullFence();
    if (!generation.fixesRace()) {
      return true;
    }
    scheduling.step(Step.RECHECK, waiter.address);
    return mustWait.getAsBoolean();
  }

  /** Removes a waiter from its queue; does nothing if it is in none. */
  void leave(FaultWaiter waiter) {
    lock.lock();
    try {
      FaultQueue home = waiter.home;
      if (home != null) {
        home.remove(waiter);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Checks for waiters too early, for {@link KernelGeneration#WITHOUT_FENCE} only; else returns
   * true.
   */
  boolean checksForWaitersFirst(long start) {
    if (generation != KernelGeneration.WITHOUT_FENCE) {
      return true;
    }
    scheduling.step(Step.CHECK_FOR_WAITERS, start);
    earlyCheck = hasWaiters();
    return earlyCheck;
  }

  /** Wakes the waiters in a range whose pages were just published. */
  void wakeAfterPublishing(long start, long lengthBytes, boolean sawWaiters) {
    if (generation != KernelGeneration.WITHOUT_FENCE) {
      wake(start, lengthBytes);
    } else if (sawWaiters) {
      wakeQueued(start, start + lengthBytes);
    }
  }

  /** Wakes the waiters in a range ({@code wake_userfault}). */
  void wake(long start, long lengthBytes) {
    scheduling.step(Step.CHECK_FOR_WAITERS, start);
    if (seesWaiters()) {
      wakeQueued(start, start + lengthBytes);
    }
  }

  /** The fill's half of the protocol, after publishing: fence, check for waiters. */
  boolean seesWaiters() {
    VarHandle.fullFence();
    return hasWaiters();
  }

  /**
   * Whether a thread waits; without the lock. A fault that a reader moves between the queues is
   * briefly in neither: then this checks again ({@code refile_seq}).
   */
  private boolean hasWaiters() {
    while (true) {
      int before = refiled;
      boolean active = pending.isActive() || read.isActive();
      VarHandle.acquireFence();
      if ((before & 1) == 0 && before == refiled) {
        return active;
      }
      Thread.onSpinWait();
    }
  }

  private void wakeQueued(long start, long end) {
    List<FaultWaiter> woken = new ArrayList<>();
    lock.lock();
    try {
      if (generation.fixesRace()) {
        pending.wake(start, end, woken);
      }
      read.wake(start, end, woken);
    } finally {
      lock.unlock();
    }
    for (FaultWaiter waiter : woken) {
      scheduling.wake(waiter.thread);
    }
  }

  /** Moves unread faults, oldest first, to the rest of the buffer. */
  void take(EventBuffer buffer, boolean withThreadId) {
    lock.lock();
    try {
      takeLocked(buffer, withThreadId);
    } finally {
      lock.unlock();
    }
  }

  private void takeLocked(EventBuffer buffer, boolean withThreadId) {
    while (buffer.size() < buffer.capacity()) {
      FaultWaiter waiter = refile();
      if (waiter == null) {
        return;
      }
      long thread = withThreadId ? waiter.thread.threadId() : 0;
      buffer.add(EventType.PAGE_FAULT, waiter.address, waiter.flags, thread);
    }
  }

  /** Moves the oldest unread fault to the read queue and returns it; null if there is none. */
  private @Nullable FaultWaiter refile() {
    REFILED.setVolatile(this, refiled + 1);
    FaultWaiter waiter = pending.poll();
    if (waiter != null) {
      read.add(waiter);
    }
    REFILED.setVolatile(this, refiled + 1);
    return waiter;
  }

  /** Removes all waiters, when the userfaultfd is closed. */
  List<FaultWaiter> drain() {
    List<FaultWaiter> woken = new ArrayList<>();
    lock.lock();
    try {
      pending.wake(0, Long.MAX_VALUE, woken);
      read.wake(0, Long.MAX_VALUE, woken);
    } finally {
      lock.unlock();
    }
    return woken;
  }

  /** Describes the queues, in human-readable form that also serves to compare states. */
  void describe(StringBuilder out) {
    lock.lock();
    try {
      out.append("pending:");
      pending.describe(out);
      out.append(" read:");
      read.describe(out);
      out.append(earlyCheck ? " seen early" : "");
    } finally {
      lock.unlock();
    }
  }
}
