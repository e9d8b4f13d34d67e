package io.faultline.uffd.simulated;

/**
 * A fault in which an access waits. It stays in the queues of its userfaultfd until it is woken or
 * {@link #leave} is called.
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

  void notifyReaders() {
    context.notifyReaders();
  }

  /** Whether it was woken: then retry the access, which may fault again. Any thread. */
  public boolean isAwake() {
    return context.isAwake(waiter);
  }

  /** Removes it from the queues, before the access is retried or given up. Any thread. */
  public void leave() {
    context.queues().leave(waiter);
  }

  /** The address that the userfaultfd reports. */
  public long address() {
    return waiter.address;
  }
}
