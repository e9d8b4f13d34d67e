package io.faultline.uffd.simulated;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A queue of sleeping faults, first in first out, linked through the waiters so that adding, taking
 * and removing cost the same however long it is. Its owner guards it with a lock; {@link #isActive}
 * needs none.
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
   * Whether somebody waits, as far as this thread sees ({@code waitqueue_active}): orders nothing,
   * the caller's fence does.
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

  /** Takes out the one that waits longest, or null. */
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

  /** Takes out all who wait in a range, and marks them awake. */
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

  /** The addresses that wait, for a person and for comparing states. */
  void describe(StringBuilder out) {
    for (FaultWaiter at = first; at != null; at = at.next) {
      out.append(' ').append(Long.toHexString(at.address));
    }
  }
}
