package io.faultline.uffd.simulated;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One userfaultfd as the kernel sees it ({@code struct userfaultfd_ctx}).
 *
 * <p><b>No wake-up is lost.</b> A fault enqueues, fences, and looks at the page; a fill publishes
 * the page, fences, and looks at the queues. Of the two looks at least one sees what the other side
 * did, so either the fault finds the page or the fill finds the fault.
 */
final class FaultContext {
  private static final VarHandle REFILED;

  static {
    try {
      REFILED = MethodHandles.lookup().findVarHandle(FaultContext.class, "refiled", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final AddressSpace space;
  final FaultScope scope;
  final Set<Feature> features;
  final boolean nonBlocking;
  final SimulatedMachine machine;
  private final KernelGeneration generation;
  private final Scheduling scheduling;
  private final ReentrantLock lock = new ReentrantLock();
  private final FaultQueue pending = new FaultQueue();
  private final FaultQueue read = new FaultQueue();
  private final Deque<MemoryEvent> events = new ArrayDeque<>();
  private final AtomicInteger mappingsChanging = new AtomicInteger();
  private final ConcurrentLinkedQueue<Thread> readers = new ConcurrentLinkedQueue<>();
  private volatile boolean released;
  private volatile boolean hasEvents;
  private volatile boolean earlyLook;

  /** Odd while a fault is on its way between the queues; changes under the lock. */
  private volatile int refiled;

  private volatile @Nullable Runnable listener;

  FaultContext(
      AddressSpace space,
      FaultScope scope,
      Set<Feature> features,
      boolean nonBlocking,
      SimulatedMachine machine) {
    this.space = space;
    this.scope = scope;
    this.features = features;
    this.nonBlocking = nonBlocking;
    this.machine = machine;
    this.generation = machine.options.generation();
    this.scheduling = machine.scheduling;
  }

  /** The same for a forked child. */
  FaultContext forked(AddressSpace child) {
    return new FaultContext(child, scope, features, nonBlocking, machine);
  }

  boolean has(Feature feature) {
    return features.contains(feature);
  }

  boolean isAsync() {
    return has(Feature.WP_ASYNC);
  }

  boolean protectsUnpopulated() {
    return has(Feature.WP_UNPOPULATED) || isAsync();
  }

  boolean isReleased() {
    return released;
  }

  void onReadable(Runnable newListener) {
    listener = newListener;
  }

  /** Whether poll would say POLLIN. */
  boolean isReadable() {
    return pending.isActive() || hasEvents;
  }

  // Faults ----------------------------------------------------------------------------------

  /**
   * Puts the calling thread among those that wait for a page ({@code handle_userfault}).
   *
   * @param mustWait looks at the page table again
   * @return whether to sleep; else the access is to be tried again at once
   */
  boolean enqueue(FaultWaiter waiter, BooleanSupplier mustWait) {
    if (released) {
      return false;
    }
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

  /** Tells readers, and sleeps until woken. Without any lock. */
  void sleep(FaultWaiter waiter) {
    try {
      readable();
      scheduling.sleepUntil(() -> waiter.awake || released);
    } finally {
      leave(waiter);
    }
  }

  private void leave(FaultWaiter waiter) {
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
    VarHandle.fullFence();
    scheduling.step(Step.LOOK_FOR_WAITERS, start);
    if (hasWaiters()) {
      wakeQueued(start, start + lengthBytes);
    }
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

  // Events ----------------------------------------------------------------------------------

  /** Fills fail with EAGAIN from here on, until the event was read. */
  void mappingsChange() {
    mappingsChanging.incrementAndGet();
  }

  boolean areMappingsChanging() {
    return mappingsChanging.get() != 0;
  }

  /**
   * Sends an event and waits until it is read; {@link #mappingsChange} went before. Without any
   * lock.
   *
   * @return whether it was read; else the userfaultfd is closed
   */
  boolean send(MemoryEvent event) {
    try {
      if (released) {
        return false;
      }
      lock.lock();
      try {
        events.add(event);
        hasEvents = true;
      } finally {
        lock.unlock();
      }
      readable();
      scheduling.sleepUntil(() -> event.delivered || released);
      return event.delivered;
    } finally {
      mappingsChanging.decrementAndGet();
    }
  }

  // Reading ---------------------------------------------------------------------------------

  /**
   * Takes what waits: page faults first, whatever was queued before them ({@code
   * userfaultfd_ctx_read}).
   */
  int read(EventBuffer buffer) {
    while (true) {
      scheduling.step(Step.READ, 0);
      lock.lock();
      try {
        takeFaults(buffer);
        takeEvents(buffer);
      } finally {
        lock.unlock();
      }
      if (buffer.size() > 0 || nonBlocking || released) {
        return buffer.size();
      }
      awaitReadable();
    }
  }

  private void takeFaults(EventBuffer buffer) {
    boolean tellThread = has(Feature.THREAD_ID);
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

  private void takeEvents(EventBuffer buffer) {
    while (buffer.size() < buffer.capacity() && !events.isEmpty()) {
      MemoryEvent event = events.remove();
      hasEvents = !events.isEmpty();
      buffer.add(event.type, event.first, event.second, event.third);
      event.delivered = true;
      scheduling.wake(event.thread);
    }
  }

  private void awaitReadable() {
    Thread self = Thread.currentThread();
    readers.add(self);
    try {
      scheduling.sleepUntil(() -> isReadable() || released);
    } finally {
      readers.remove(self);
    }
  }

  private void readable() {
    for (Thread reader : readers) {
      scheduling.wake(reader);
    }
    Runnable told = listener;
    if (told != null) {
      told.run();
    }
  }

  /** Lets everybody go on ({@code userfaultfd_release}); its areas are unregistered already. */
  void release() {
    released = true;
    List<Thread> asleep = new ArrayList<>(readers);
    List<FaultWaiter> woken = new ArrayList<>();
    lock.lock();
    try {
      pending.wake(0, Long.MAX_VALUE, woken);
      read.wake(0, Long.MAX_VALUE, woken);
      events.forEach(event -> asleep.add(event.thread));
      events.clear();
      hasEvents = false;
    } finally {
      lock.unlock();
    }
    woken.forEach(waiter -> asleep.add(waiter.thread));
    asleep.forEach(scheduling::wake);
  }

  /** The queues, for a person and for comparing states. */
  void describe(StringBuilder out) {
    lock.lock();
    try {
      out.append("pending:");
      pending.describe(out);
      out.append(" read:");
      read.describe(out);
      out.append(" events:").append(events.size());
      out.append(earlyLook ? " seen early" : "");
    } finally {
      lock.unlock();
    }
  }
}
