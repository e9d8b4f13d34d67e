package io.faultline.demo.simulated;

import io.faultline.demo.vcpu.RunControl;
import io.faultline.memory.GuestAccess;
import java.util.OptionalLong;

/**
 * The guest's own view of time: the longest gap between the ends of two of its operations, and the
 * one that spans a migration, both less what the vCPU slept of its own will. It reads the clock
 * where it costs little: every so many operations, and around accesses that go through the kernel,
 * which are those that can take long.
 *
 * <p>Also knows whether the vCPU may be asleep in a page fault, and throws it out of one that ends
 * after the vCPU was stopped, before it uses the value.
 *
 * <p>Belongs to the vCPU's thread, except where noted.
 */
final class VcpuClock implements GuestAccess.FaultListener {
  private static final long NOT_YET = Long.MIN_VALUE;

  private final RunControl control;
  private final FaultRecorder faults = new FaultRecorder();

  private long lastOperationNanos;
  private long longestGapNanos;

  /** No operation yet since the VM arrived from another machine. */
  private boolean arriving;

  /** The operation under way went through the kernel. */
  private boolean missed;

  private long accessStartNanos;
  private long accessEndNanos;

  private volatile boolean asleep;
  private volatile long pauseNanos = NOT_YET;

  VcpuClock(RunControl control) {
    this.control = control;
  }

  /** Before start: what the vCPU's state said, already in this machine's time. */
  void arrive(long lastOperation, long longestGap) {
    lastOperationNanos = lastOperation;
    longestGapNanos = longestGap;
    arriving = true;
  }

  /** At power-on: gaps count from here. */
  void start(long now) {
    if (!arriving) {
      lastOperationNanos = now;
    }
  }

  /** Operations were done, the last of them just now. */
  void sample(long now) {
    long gap = now - lastOperationNanos;
    if (arriving) {
      arriving = false;
      pauseNanos = gap;
    }
    longestGapNanos = Math.max(longestGapNanos, gap);
    lastOperationNanos = now;
  }

  /**
   * It slept until then of its own will. What follows counts as a gap: waking late, or a pause that
   * cut the sleep short.
   */
  void idled(long until) {
    if (!arriving) {
      lastOperationNanos = Math.max(lastOperationNanos, until);
    }
  }

  /** Whether the operation under way went through the kernel. */
  boolean missed() {
    return missed;
  }

  /** The operation that {@link #missed} has ended. */
  void missingOperationDone() {
    missed = false;
    sample(accessEndNanos);
  }

  @Override
  public void beforeNativeAccess() {
    long now = System.nanoTime();
    if (!missed) {
      missed = true;
      if (!arriving) {
        sample(now);
      }
    }
    accessStartNanos = now;
    // In this order: whoever stops the VM then sees the vCPU asleep, or the vCPU sees the stop.
    asleep = true;
    endIfStopped();
  }

  @Override
  public void afterNativeAccess() {
    asleep = false;
    endIfStopped();
    long now = System.nanoTime();
    accessEndNanos = now;
    long latency = now - accessStartNanos;
    if (latency > VcpuFaults.THRESHOLD_NANOS) {
      faults.record(latency);
      GuestFaultEvent.commit(accessStartNanos, now);
    }
  }

  /** Whether the vCPU may be asleep in a page fault. Any thread. */
  boolean asleep() {
    return asleep;
  }

  /** Last operation before the migration to first operation after it. Any thread. */
  OptionalLong pauseNanos() {
    long nanos = pauseNanos;
    return nanos == NOT_YET ? OptionalLong.empty() : OptionalLong.of(nanos);
  }

  /** The faults so far. Any thread. */
  VcpuFaults faults() {
    return faults.snapshot();
  }

  long lastOperationNanos() {
    return lastOperationNanos;
  }

  long longestGapNanos() {
    return longestGapNanos;
  }

  private void endIfStopped() {
    if (control.isStopped()) {
      throw new VcpuStoppedException();
    }
  }
}
