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
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One userfaultfd as the kernel sees it ({@code struct userfaultfd_ctx}). */
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
    return queues.isReadable() || hasEvents;
  }

  // Faults ----------------------------------------------------------------------------------

  /**
   * Puts the calling thread among those that wait for a page ({@code handle_userfault}).
   *
   * @param mustWait looks at the page table again
   * @return whether to {@link #sleep}; else the access is to be tried again at once
   */
  boolean enqueue(FaultWaiter waiter, BooleanSupplier mustWait) {
    return !released && queues.enqueue(waiter, mustWait);
  }

  /** Tells readers, and sleeps until woken. Without any lock. */
  void sleep(FaultWaiter waiter) {
    try {
      readable();
      scheduling.sleepUntil(() -> isAwake(waiter));
    } finally {
      queues.leave(waiter);
    }
  }

  /** Whether somebody woke it. */
  boolean isAwake(FaultWaiter waiter) {
    return waiter.awake || released;
  }

  FaultQueues queues() {
    return queues;
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

  /** Tells readers that there is something for them. */
  void readable() {
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

  /** The queues, for a person and for comparing states. */
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
