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
 * The two queues of a userfaultfd: faults that nobody read yet, and faults that were read.
 *
 * <p><b>No wake-up is lost.</b> A fault enqueues, fences, and looks at the page; a fill publishes
 * the page, fences, and looks at the queues. Of the two looks at least one sees what the other side
 * did, so either the fault finds the page or the fill finds the fault.
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
  private volatile boolean earlyLook;

  /** Odd while a fault is on its way between the queues; changes under the lock. */
  private volatile int refiled;

  FaultQueues(KernelGeneration generation, Scheduling scheduling) {
    this.generation = generation;
    this.scheduling = scheduling;
  }

  /** Whether a fault is unread. */
  boolean isReadable() {
    return pending.isActive();
  }

  /**
   * Puts the calling thread among those that wait for a page ({@code handle_userfault}).
   *
   * @param mustWait looks at the page table again
   * @return whether to sleep; else the access is to be tried again at once
   */
  boolean enqueue(FaultWaiter waiter, BooleanSupplier mustWait) {
    scheduling.step(Step.ENQUEUE, waiter.address);
    boolean waits = true;
    lock.lock();
    try {
      pending.add(waiter);
      if (!scheduling.stopsThreads()) {
        waits = looksAgain(waiter, mustWait);
      }
    } finally {
      lock.unlock();
    }
    if (scheduling.stopsThreads()) {
      waits = looksAgain(waiter, mustWait);
    }
    if (!waits) {
      leave(waiter);
    }
    return waits;
  }

  /**
   * The fault's half of the protocol. Linux does not hold the queue's lock here, but hardly ever is
   * a thread stopped here either; a thread of a JVM may be, so where threads run freely the lock
   * keeps short the time in which a reader can take a fault that then goes away.
   */
  private boolean looksAgain(FaultWaiter waiter, BooleanSupplier mustWait) {
    VarHandle.fullFence();
    if (!generation.solvesRace()) {
      return true;
    }
    scheduling.step(Step.LOOK_AGAIN, waiter.address);
    return mustWait.getAsBoolean();
  }

  /** Takes a waiter out, wherever it is; nothing where it is out already. */
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
   * Whether somebody waits, looked at too early: only for {@link KernelGeneration#WITHOUT_FENCE}.
   */
  boolean looksForWaitersFirst(long start) {
    if (generation != KernelGeneration.WITHOUT_FENCE) {
      return true;
    }
    scheduling.step(Step.LOOK_FOR_WAITERS, start);
    earlyLook = hasWaiters();
    return earlyLook;
  }

  /** Wakes those who wait in a range whose pages were just published. */
  void wakeAfterPublishing(long start, long lengthBytes, boolean sawWaiters) {
    if (generation != KernelGeneration.WITHOUT_FENCE) {
      wake(start, lengthBytes);
    } else if (sawWaiters) {
      wakeQueued(start, start + lengthBytes);
    }
  }

  /** Wakes those who wait in a range ({@code wake_userfault}). */
  void wake(long start, long lengthBytes) {
    scheduling.step(Step.LOOK_FOR_WAITERS, start);
    if (seesWaiters()) {
      wakeQueued(start, start + lengthBytes);
    }
  }

  /** The fill's half of the protocol, behind publishing: fence, look for waiters. */
  boolean seesWaiters() {
    VarHandle.fullFence();
    return hasWaiters();
  }

  /**
   * Whether somebody waits, without the lock. A reader that moves a fault from one queue to the
   * other shows it in neither for a moment ({@code refile_seq}): look again then.
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
      if (generation.solvesRace()) {
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

  /** Takes unread faults, the oldest first, into what is left of the buffer. */
  void take(EventBuffer buffer, boolean tellThread) {
    lock.lock();
    try {
      takeLocked(buffer, tellThread);
    } finally {
      lock.unlock();
    }
  }

  private void takeLocked(EventBuffer buffer, boolean tellThread) {
    while (buffer.size() < buffer.capacity()) {
      FaultWaiter waiter = refile();
      if (waiter == null) {
        return;
      }
      long thread = tellThread ? waiter.thread.threadId() : 0;
      buffer.add(EventType.PAGE_FAULT, waiter.address, waiter.flags, thread);
    }
  }

  /** Moves the oldest fault that is unread to those that are read; null where there is none. */
  private @Nullable FaultWaiter refile() {
    REFILED.setVolatile(this, refiled + 1);
    FaultWaiter waiter = pending.poll();
    if (waiter != null) {
      read.add(waiter);
    }
    REFILED.setVolatile(this, refiled + 1);
    return waiter;
  }

  /** Takes out all, for the end of the userfaultfd. */
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

  /** The queues, for a person and for comparing states. */
  void describe(StringBuilder out) {
    lock.lock();
    try {
      out.append("pending:");
      pending.describe(out);
      out.append(" read:");
      read.describe(out);
      out.append(earlyLook ? " seen early" : "");
    } finally {
      lock.unlock();
    }
  }
}
