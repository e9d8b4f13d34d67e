package io.faultline.uffd.simulated;

/** A step that a thread is about to take on state shared with other threads. */
public enum Step {
  /** A guest access is about to check the page table. */
  TOUCH("checks the page table"),
  /** A fault is about to enter the queue of pending faults. */
  ENQUEUE("enters the queue of pending faults"),
  /** An enqueued fault is about to recheck the page table. */
  RECHECK("rechecks the page table"),
  /** A fill is about to publish a page. */
  PUBLISH("publishes the page"),
  /** A fill or wake is about to check for waiters. */
  CHECK_FOR_WAITERS("checks for waiters to wake"),
  /**
   * A call has changed mappings, or is about to drop pages, and will report it: fills already fail
   * with EAGAIN, but there is nothing to read yet.
   */
  REPORT_CHANGE("reports a change of its mappings"),
  /** The event of such a call was read, and the call is about to continue. */
  CONTINUE_CHANGE("continues after its event was read"),
  /** A reader is about to read faults and events. */
  READ("reads the userfaultfd");

  private final String description;

  Step(String description) {
    this.description = description;
  }

  /** The step as a predicate, as in "vCPU <i>publishes the page</i>". */
  public String description() {
    return description;
  }
}
