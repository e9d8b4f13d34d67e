package io.faultline.uffd.simulated;

/**
 * A fault that an access waits in. It is in the queues of its userfaultfd until it is woken or
 * somebody leaves it.
 */
public final class SleepingFault {
  private final FaultContext context;
  private final FaultWaiter waiter;

  SleepingFault(FaultContext context, FaultWaiter waiter) {
    this.context = context;
    this.waiter = waiter;
  }

  /** Sleeps until woken. */
  void sleep() {
    context.sleep(waiter);
  }

  void tellReaders() {
    context.readable();
  }

  /** Whether it was woken: the access is to be tried again, and may fault again. Any thread. */
  public boolean isAwake() {
    return context.isAwake(waiter);
  }

  /** Takes it out of the queues: the access is tried again, or never will be. Any thread. */
  public void leave() {
    context.queues().leave(waiter);
  }

  /** The address as the userfaultfd reports it. */
  public long address() {
    return waiter.address;
  }
}
