package io.faultline.source.scan;

import io.faultline.memory.PageBitmap;

/**
 * What is yet to be prefetched of blocks of memory, for the requests that came last. It is sent in
 * pieces, those for the newest request first. If there are too many, the oldest are given up. Does
 * not allocate. Confined to the control loop.
 */
final class BlockPlans {
  private static final int COUNT = 8;

  /** The units that one plan may still send, and where: first one range, then another. */
  private static final class Plan {
    private int region;
    private long next;
    private long end;
    private long thenNext;
    private long thenEnd;
    private long left;
  }

  private final Plan[] plans = new Plan[COUNT];
  private int count;

  BlockPlans() {
    for (int i = 0; i < COUNT; i++) {
      plans[i] = new Plan();
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  void clear() {
    count = 0;
  }

  /**
   * Adds the plan of a new request: the first unsent units of one range, then of another.
   *
   * @param most units
   */
  void add(int region, long first, long end, long thenFirst, long thenEnd, long most) {
    if (count == COUNT) {
      removeOldest();
    }
    Plan plan = plans[count];
    plan.region = region;
    plan.next = first;
    plan.end = end;
    plan.thenNext = thenFirst;
    plan.thenEnd = thenEnd;
    plan.left = most;
    count += most > 0 ? 1 : 0;
  }

  private void removeOldest() {
    Plan oldest = plans[0];
    System.arraycopy(plans, 1, plans, 0, COUNT - 1);
    plans[COUNT - 1] = oldest;
    count--;
  }

  /** The region of the newest plan. */
  int region() {
    return plans[count - 1].region;
  }

  /**
   * Sends the next run of the newest plan, which ends with its last unit.
   *
   * @param sent of its region
   * @param most units
   * @return units sent; 0 if there was none left
   */
  long send(Prefetcher.Sink sink, PageBitmap sent, long most) {
    Plan plan = plans[count - 1];
    long unit = nextUnsent(plan, sent);
    long run = 0;
    if (unit >= 0) {
      run = sink.prefetch(plan.region, unit, Math.min(plan.end - unit, Math.min(most, plan.left)));
      plan.next = unit + run;
      plan.left -= run;
    }
    if (unit < 0 || plan.left == 0) {
      count--;
    }
    return run;
  }

  /** Moves to the next unsent unit, in the other range if this one has none; -1 for none. */
  private static long nextUnsent(Plan plan, PageBitmap sent) {
    long unit = sent.nextClear(plan.next, plan.end);
    if (unit < plan.end) {
      return unit;
    }
    plan.next = plan.thenNext;
    plan.end = plan.thenEnd;
    plan.thenNext = plan.thenEnd;
    unit = plan.next < plan.end ? sent.nextClear(plan.next, plan.end) : plan.end;
    return unit < plan.end ? unit : -1;
  }
}
