package io.faultline.restore.frozen;

import io.faultline.proto.PeerWait;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long the destination may be gone before the processes continue here. It gives up earlier by
 * itself, so that they never run at both sides.
 *
 * <p>Time in which this process did not run does not count: frames may be waiting to be read. Reads
 * no clock. Confined to the control loop.
 */
final class DestinationLease {
  /** Longer than the pauses of a process that runs. */
  private static final long STOPPED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final long leaseNanos;
  private boolean started;
  private long heardNanos;
  private long polledNanos;

  /**
   * @param leaseNanos 0 for ever
   */
  DestinationLease(long leaseNanos) {
    this.leaseNanos = leaseNanos;
  }

  /** The destination is there: it knows the processes, and may run them. */
  void heard(long nowNanos) {
    if (!started) {
      polledNanos = nowNanos;
    }
    started = true;
    heardNanos = nowNanos;
  }

  /** Whether the destination was ever there. */
  boolean isStarted() {
    return started;
  }

  /** Whether it is gone for too long. Called regularly. */
  boolean isOver(long nowNanos) {
    long notPolled = nowNanos - polledNanos;
    polledNanos = nowNanos;
    if (notPolled > STOPPED_NANOS) {
      heardNanos += notPolled;
    }
    return started && leaseNanos != 0 && nowNanos - heardNanos > leaseNanos;
  }

  /** The wait for it, while it is gone; null before it was there. */
  @Nullable PeerWait waiting() {
    if (leaseNanos == 0) {
      return waitingForEver();
    }
    return waiting("after " + PeerWait.duration(leaseNanos) + " the processes continue here");
  }

  /** The same, once it may own the processes. */
  @Nullable PeerWait waitingForEver() {
    return waiting("the processes stay frozen as long as it takes");
  }

  private @Nullable PeerWait waiting(String outcome) {
    return started ? new PeerWait("connect again", heardNanos, outcome) : null;
  }
}
