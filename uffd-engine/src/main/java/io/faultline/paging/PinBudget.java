package io.faultline.paging;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many pages may be pinned: half of the buffer, so that there is always a page to evict. Pages
 * pinned twice count twice. Thread-safe.
 */
final class PinBudget {
  private final long total;
  private final AtomicLong used = new AtomicLong();

  PinBudget(long total) {
    this.total = total;
  }

  long total() {
    return total;
  }

  /** Takes one. False if none is left. */
  boolean take() {
    long now = used.get();
    while (now < total) {
      if (used.compareAndSet(now, now + 1)) {
        return true;
      }
      now = used.get();
    }
    return false;
  }

  void give() {
    used.decrementAndGet();
  }
}
