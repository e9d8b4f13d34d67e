package io.faultline.uffd.simulated;

/** Which of the fixes for the races between fills and faults the simulated kernel has. */
public enum KernelGeneration {
  /** Linux since 4.4: no fault sleeps on a page that is there. */
  CURRENT,
  /**
   * Linux before "solve the race between UFFDIO_COPY|ZEROPAGE and read": a fault does not look at
   * the page table again before it sleeps, and a wake passes over faults that nobody read yet.
   */
  BEFORE_RACE_FIX,
  /**
   * As {@link #CURRENT}, but without the memory barrier between publishing a page and looking for
   * waiters: the look happens before the page is published, which is the worst order that a
   * processor may choose then.
   */
  WITHOUT_FENCE;

  /** Whether a fault looks at the page table again, and a wake sees faults that are unread. */
  boolean solvesRace() {
    return this != BEFORE_RACE_FIX;
  }
}
