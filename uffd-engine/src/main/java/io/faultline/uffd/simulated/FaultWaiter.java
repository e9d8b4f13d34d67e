package io.faultline.uffd.simulated;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.RegisterMode;
import org.jspecify.annotations.Nullable;

/** A thread that sleeps in a fault ({@code userfaultfd_wait_queue}). */
final class FaultWaiter {
  final Thread thread = Thread.currentThread();
  final long address;
  final int flags;
  final RegisterMode reason;
  volatile boolean awake;

  /** The links and {@code home} are the queue's, guarded by its owner's lock. */
  @Nullable FaultWaiter previous;

  @Nullable FaultWaiter next;
  @Nullable FaultQueue home;

  /**
   * @param address the address that the event reports
   * @param reason why the access cannot proceed
   */
  FaultWaiter(long address, boolean write, RegisterMode reason) {
    this.address = address;
    this.reason = reason;
    int bits = write ? EventBuffer.FLAG_WRITE : 0;
    if (reason == RegisterMode.WRITE_PROTECT) {
      bits |= EventBuffer.FLAG_WRITE_PROTECTED;
    } else if (reason == RegisterMode.MINOR) {
      bits |= EventBuffer.FLAG_MINOR;
    }
    this.flags = bits;
  }

  /** Whether a wake of a range applies to this thread. */
  boolean isWithin(long start, long end) {
    return address >= start && address < end;
  }
}
