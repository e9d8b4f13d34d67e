package io.faultline.uffd.simulated;

/** Which fixes for the races between fills and faults the simulated kernel has. */
public enum KernelGeneration {
  /** Linux since 4.4: no fault sleeps on a present page. */
  CURRENT,
  /**
   * Linux before "solve the race between UFFDIO_COPY|ZEROPAGE and read": a fault does not recheck
   * the page table before it sleeps, and a wake ignores unread faults.
   */
  BEFORE_RACE_FIX,
  /**
   * As {@link #CURRENT}, but without the memory barrier between publishing a page and checking for
   * waiters: the check happens before the page is published, the worst order that a processor may
   * choose without the barrier.
   */
  WITHOUT_FENCE;

  /** Whether a fault rechecks the page table, and a wake includes unread faults. */
  boolean fixesRace() {
    return this != BEFORE_RACE_FIX;
  }
}
