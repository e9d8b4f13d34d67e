package io.faultline.demo.simulated;

import io.faultline.demo.vcpu.RunControl;
import io.faultline.dest.recording.TimeBuckets;
import io.faultline.memory.GuestAccess;
import java.util.OptionalLong;

/**
 * The guest's view of time: the longest gap between the ends of two operations, and the gap around
 * a migration, both without the sleeps of a paced vCPU. To be cheap, it reads the clock once per
 * batch of operations, and around accesses in native state, the only ones that can take long.
 *
 * <p>It also tracks whether the vCPU may be asleep in a page fault. If the vCPU was stopped
 * meanwhile, it throws {@link VcpuStoppedException} before the vCPU uses the value.
 *
 * <p>Confined to the vCPU's thread, except where noted.
 */
final class VcpuClock implements GuestAccess.FaultListener {
  private static final long NOT_YET = Long.MIN_VALUE;

  private final RunControl control;
  private final FaultRecorder faults = new FaultRecorder();

  private long lastOperationNanos;
  private long longestGapNanos;

  /** No operation was done since the VM arrived from another machine. */
  private boolean arriving;

  /** See {@link #hasTlbMiss}. */
  private boolean tlbMiss;

  private long accessStartNanos;
  private long accessEndNanos;

  private volatile boolean asleep;
  private volatile long pauseNanos = NOT_YET;

  VcpuClock(RunControl control) {
    this.control = control;
  }

  /** Loads the values from the vCPU's state, in this machine's time; before start. */
  void arrive(long lastOperation, long longestGap) {
    lastOperationNanos = lastOperation;
    longestGapNanos = longestGap;
    arriving = true;
  }

  /** At power-on, gaps count from this time. */
  void start(long now) {
    if (!arriving) {
      lastOperationNanos = now;
    }
  }

  /** Operations were done, the last one just now. */
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
   * The paced vCPU was to sleep until this time. The time after it counts as a gap: the thread woke
   * late, or a pause ended the sleep early.
   */
  void sleptUntil(long until) {
    if (!arriving) {
      lastOperationNanos = Math.max(lastOperationNanos, until);
    }
  }

  /** Whether the current operation had a TLB miss, and so an access in native state. */
  boolean hasTlbMiss() {
    return tlbMiss;
  }

  /** The operation with the TLB miss has ended. */
  void tlbMissDone() {
    tlbMiss = false;
    sample(accessEndNanos);
  }

  @Override
  public void beforeNativeAccess() {
    long now = System.nanoTime();
    if (!tlbMiss) {
      tlbMiss = true;
      if (!arriving) {
        sample(now);
      }
    }
    accessStartNanos = now;
    // In this order, either RunControl.stop sees the vCPU asleep, or the vCPU sees the stop.
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
      faults.record(accessStartNanos, now);
      GuestFaultEvent.commit(accessStartNanos, now);
    }
  }

  /** Whether the vCPU may be asleep in a page fault. Any thread. */
  boolean asleep() {
    return asleep;
  }

  /** From the last operation before the migration to the first one after it. Any thread. */
  OptionalLong pauseNanos() {
    long nanos = pauseNanos;
    return nanos == NOT_YET ? OptionalLong.empty() : OptionalLong.of(nanos);
  }

  /** The faults so far. Any thread. */
  VcpuFaults faults() {
    return faults.snapshot();
  }

  /** Starts to record when the vCPU is blocked; after {@link #stopRecording} it is complete. */
  void startRecording(TimeBuckets into) {
    faults.startRecording(into);
  }

  void stopRecording() {
    faults.stopRecording();
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
