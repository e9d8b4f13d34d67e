package io.faultline.uffd.simulated;

/** What a thread is about to do to state that other threads see. */
public enum Step {
  /** A guest access is about to look at the page table. */
  TOUCH("looks at the page table"),
  /** A fault is about to be put into the queue of pending faults. */
  ENQUEUE("enters the queue of pending faults"),
  /** A fault in the queue is about to look at the page table again. */
  LOOK_AGAIN("looks at the page table again"),
  /** A fill is about to publish a page. */
  PUBLISH("publishes the page"),
  /** A fill or wake is about to look whether somebody waits. */
  LOOK_FOR_WAITERS("looks for waiters to wake"),
  /** A reader is about to take faults and events. */
  READ("reads the userfaultfd");

  private final String story;

  Step(String story) {
    this.story = story;
  }

  /** What the thread does, as in "vCPU <i>publishes the page</i>". */
  public String description() {
    return story;
  }
}
