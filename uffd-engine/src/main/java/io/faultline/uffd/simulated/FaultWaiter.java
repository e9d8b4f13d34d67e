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

  /** The links and the home belong to the queue, under its owner's lock. */
  @Nullable FaultWaiter previous;

  @Nullable FaultWaiter next;
  @Nullable FaultQueue home;

  /**
   * @param address as the event reports it
   * @param reason why the access cannot go on
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

  /** Whether a wake of a range is meant for this thread. */
  boolean isWithin(long start, long end) {
    return address >= start && address < end;
  }
}
