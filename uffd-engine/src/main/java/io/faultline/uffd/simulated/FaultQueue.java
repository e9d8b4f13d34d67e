package io.faultline.uffd.simulated;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A FIFO queue of sleeping faults, linked through the waiters, so that adding, polling and removing
 * take constant time. Guarded by the owner's lock, except {@link #isActive}.
 */
final class FaultQueue {
  private static final VarHandle FIRST;

  static {
    try {
      FIRST = MethodHandles.lookup().findVarHandle(FaultQueue.class, "first", FaultWaiter.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private @Nullable FaultWaiter first;
  private @Nullable FaultWaiter last;

  /**
   * Whether a thread waits ({@code waitqueue_active}). Provides no memory ordering: the caller
   * fences.
   */
  boolean isActive() {
    return FIRST.getOpaque(this) != null;
  }

  void add(FaultWaiter waiter) {
    waiter.home = this;
    waiter.previous = last;
    waiter.next = null;
    if (last == null) {
      FIRST.setOpaque(this, waiter);
    } else {
      last.next = waiter;
    }
    last = waiter;
  }

  /** Removes and returns the waiter that waits longest; null if empty. */
  @Nullable FaultWaiter poll() {
    FaultWaiter oldest = first;
    if (oldest != null) {
      remove(oldest);
    }
    return oldest;
  }

  void remove(FaultWaiter waiter) {
    FaultWaiter before = waiter.previous;
    FaultWaiter after = waiter.next;
    if (before == null) {
      FIRST.setOpaque(this, after);
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    waiter.previous = null;
    waiter.next = null;
    waiter.home = null;
  }

  /** Removes all waiters in a range, and marks them awake. */
  void wake(long start, long end, List<FaultWaiter> woken) {
    FaultWaiter at = first;
    while (at != null) {
      FaultWaiter after = at.next;
      if (at.isWithin(start, end)) {
        remove(at);
        at.awake = true;
        woken.add(at);
      }
      at = after;
    }
  }

  /** Describes the waiting addresses, in human-readable form that also serves to compare states. */
  void describe(StringBuilder out) {
    for (FaultWaiter at = first; at != null; at = at.next) {
      out.append(' ').append(Long.toHexString(at.address));
    }
  }
}
