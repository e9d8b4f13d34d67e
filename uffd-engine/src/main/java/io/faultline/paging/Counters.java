package io.faultline.paging;

import java.util.concurrent.atomic.AtomicLongArray;

/** The counters of a pager. Thread-safe. */
final class Counters {
  /** One cache line each. */
  private static final int SPACING = 8;

  private final AtomicLongArray values =
      new AtomicLongArray(SPACING * (Counter.values().length + 1));

  void add(Counter counter, long amount) {
    values.addAndGet(SPACING * (counter.ordinal() + 1), amount);
  }

  long get(Counter counter) {
    return values.get(SPACING * (counter.ordinal() + 1));
  }
}
