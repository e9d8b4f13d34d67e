package io.faultline.restore.remote;

import io.faultline.restore.origin.SourceReceiver;
import java.util.concurrent.TimeUnit;

/**
 * Tells the receiver what a program would need that takes over: the identity, before it is used,
 * and the lease. Before the receiver is known, no process depends on either. Reads no clock.
 * Confined to the session's loop.
 */
final class SourceUpdates {
  /**
   * A lease is told again when it ends so much later, since the receiver writes it to a file; and
   * when it ends earlier, as that of a page source that was started again with another one.
   */
  private static final long LEASE_STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final SourceLease lease;
  private SourceReceiver receiver = SourceReceiver.NONE;
  private boolean announced;
  private boolean told;
  private long toldEndNanos;

  SourceUpdates(SourceLease lease) {
    this.lease = lease;
  }

  /** From now on this receiver is told. */
  void start(SourceReceiver to, SessionIdentity identity, long nowNanos) {
    receiver = to;
    identified(identity);
    tellLease(nowNanos);
  }

  /** The identity has changed. */
  void identified(SessionIdentity identity) {
    receiver.resumable(identity.encode());
  }

  /** The page source has announced its lease. */
  void announced(long nowNanos) {
    announced = true;
    tellLease(nowNanos);
  }

  /** The page source has confirmed its lease. */
  void confirmed(long nowNanos) {
    tellLease(nowNanos);
  }

  private void tellLease(long nowNanos) {
    long left = lease.leftNanos(nowNanos);
    boolean endless = left == Long.MAX_VALUE;
    long end = endless ? 0 : nowNanos + left;
    boolean changed = end - toldEndNanos > LEASE_STEP_NANOS || end < toldEndNanos;
    if (announced && (!told || (!endless && changed))) {
      told = !receiver.equals(SourceReceiver.NONE);
      toldEndNanos = end;
      receiver.leased(left);
    }
  }

  /** The page source does not let its processes continue by itself any more. */
  void owned() {
    receiver.owned();
  }
}
