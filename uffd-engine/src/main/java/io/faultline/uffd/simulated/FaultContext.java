package io.faultline.uffd.simulated;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The kernel's state of one userfaultfd ({@code struct userfaultfd_ctx}). Thread-safe. */
final class FaultContext {
  final AddressSpace space;
  final FaultScope scope;
  final Set<Feature> features;
  final boolean nonBlocking;
  final SimulatedMachine machine;
  private final Scheduling scheduling;
  private final ReentrantLock lock = new ReentrantLock();
  private final FaultQueues queues;
  private final Deque<MemoryEvent> events = new ArrayDeque<>();
  private final AtomicInteger mappingsChanging = new AtomicInteger();
  private final ConcurrentLinkedQueue<Thread> readers = new ConcurrentLinkedQueue<>();
  private volatile boolean released;
  private volatile boolean hasEvents;
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
    this.scheduling = machine.scheduling;
    this.queues = new FaultQueues(machine.options.generation(), scheduling);
    space.attach(this);
  }

  /** Creates the userfaultfd of a forked child. */
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

  /** Whether poll would return POLLIN. */
  boolean isReadable() {
    return queues.isReadable() || hasEvents;
  }

  // Faults

  /**
   * Enqueues the calling thread to wait for a page ({@code handle_userfault}).
   *
   * @param mustWait rechecks the page table
   * @return whether to {@link #sleep}; else the access must be retried immediately
   */
  boolean enqueue(FaultWaiter waiter, BooleanSupplier mustWait) {
    return !released && queues.enqueue(waiter, mustWait);
  }

  /**
   * Notifies readers, and sleeps until woken. Called without locks.
   *
   * @throws ProcessExitedException if the process has ended
   */
  void sleep(FaultWaiter waiter) {
    try {
      notifyReaders();
      scheduling.sleepUntil(() -> isAwake(waiter));
    } finally {
      queues.leave(waiter);
    }
    space.checkNotExited();
  }

  /** Whether the waiter has been woken. */
  boolean isAwake(FaultWaiter waiter) {
    return waiter.awake || released || space.isExited();
  }

  FaultQueues queues() {
    return queues;
  }

  // Events

  /** Makes fills fail with EAGAIN until the event has been read. */
  void mappingsChange() {
    mappingsChanging.incrementAndGet();
  }

  boolean areMappingsChanging() {
    return mappingsChanging.get() != 0;
  }

  /**
   * Sends an event and waits until it is read. {@link #mappingsChange} must have been called
   * before. Called without locks.
   *
   * @return whether the event was read; else the userfaultfd is closed or the process has ended
   */
  boolean send(MemoryEvent event) {
    try {
      scheduling.step(Step.REPORT_CHANGE, event.first);
      add(event);
      notifyReaders();
      scheduling.sleepUntil(() -> event.delivered || isEnded());
    } finally {
      remove(event);
      mappingsChanging.decrementAndGet();
    }
    scheduling.step(Step.CONTINUE_CHANGE, event.first);
    return event.delivered;
  }

  private boolean isEnded() {
    return released || space.isExited();
  }

  private void add(MemoryEvent event) {
    lock.lock();
    try {
      if (!isEnded()) {
        events.add(event);
        hasEvents = true;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Removes an event that nobody has read. */
  private void remove(MemoryEvent event) {
    lock.lock();
    try {
      if (events.remove(event)) {
        hasEvents = !events.isEmpty();
      }
    } finally {
      lock.unlock();
    }
  }

  // Reading

  /**
   * Reads waiting events: page faults first, even if other events are older ({@code
   * userfaultfd_ctx_read}).
   */
  int read(EventBuffer buffer) {
    while (true) {
      scheduling.step(Step.READ, 0);
      queues.take(buffer, has(Feature.THREAD_ID));
      takeEvents(buffer);
      if (buffer.size() > 0 || nonBlocking || released) {
        return buffer.size();
      }
      awaitReadable();
    }
  }

  private void takeEvents(EventBuffer buffer) {
    lock.lock();
    try {
      while (buffer.size() < buffer.capacity() && !events.isEmpty()) {
        MemoryEvent event = events.remove();
        hasEvents = !events.isEmpty();
        buffer.add(event.type, event.first, event.second, event.third);
        event.delivered = true;
        scheduling.wake(event.thread);
      }
    } finally {
      lock.unlock();
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

  /** As poll with a timeout; an unpark ends it early. Not for threads that a test schedules. */
  void awaitReadable(int timeoutMillis) {
    Thread self = Thread.currentThread();
    readers.add(self);
    try {
      if (!isReadable() && !released) {
        LockSupport.parkNanos(this, timeoutMillis * 1_000_000L);
      }
    } finally {
      readers.remove(self);
    }
  }

  /** Notifies readers that an event may be waiting. */
  void notifyReaders() {
    for (Thread reader : readers) {
      scheduling.wake(reader);
    }
    Runnable current = listener;
    if (current != null) {
      current.run();
    }
  }

  /** Wakes all threads ({@code userfaultfd_release}). All areas must be unregistered. */
  void release() {
    released = true;
    space.detach(this);
    readers.forEach(scheduling::wake);
    wakeProcess();
  }

  /** Wakes all threads of the process, which has ended: their faults and events are gone. */
  void processExited() {
    wakeProcess();
  }

  private void wakeProcess() {
    List<Thread> asleep = new ArrayList<>();
    queues.drain().forEach(waiter -> asleep.add(waiter.thread));
    lock.lock();
    try {
      events.forEach(event -> asleep.add(event.thread));
      events.clear();
      hasEvents = false;
    } finally {
      lock.unlock();
    }
    asleep.forEach(scheduling::wake);
  }

  /** Describes the queues, in human-readable form that also serves to compare states. */
  void describe(StringBuilder out) {
    queues.describe(out);
    lock.lock();
    try {
      out.append(" events:").append(events.size());
    } finally {
      lock.unlock();
    }
  }
}
