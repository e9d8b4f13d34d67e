package io.faultline.demo.simulated;

import io.faultline.dest.recording.TimeBuckets;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Records the faults of one vCPU: on the vCPU's thread, without locks or allocation. Any thread may
 * take snapshots.
 */
final class FaultRecorder {
  private final SingleWriterRecorder recorder =
      new SingleWriterRecorder(VcpuFaults.MAX_NANOS, VcpuFaults.DIGITS);
  private final Histogram total = VcpuFaults.emptyHistogram();

  /** Written only by the vCPU's thread. */
  private volatile long blockedNanos;

  /** When the vCPU was blocked; null while that is not recorded. Written by the vCPU's thread. */
  private volatile @Nullable TimeBuckets overTime;

  /** Starts to record when the vCPU is blocked. Any thread. */
  void startRecording(TimeBuckets into) {
    overTime = into;
  }

  /** Ends that. Any thread. */
  void stopRecording() {
    overTime = null;
  }

  /** By the vCPU's thread. */
  void record(long startNanos, long endNanos) {
    record(endNanos - startNanos);
    TimeBuckets into = overTime;
    if (into != null) {
      into.addPeriod(startNanos, endNanos);
    }
  }

  /** By the vCPU's thread. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void record(long nanos) {
    recorder.recordValue(Math.min(nanos, VcpuFaults.MAX_NANOS));
    blockedNanos += nanos;
  }

  /** All faults so far. While the vCPU runs, the fields may disagree about the latest fault. */
  synchronized VcpuFaults snapshot() {
    total.add(recorder.getIntervalHistogram());
    return new VcpuFaults(total.getTotalCount(), blockedNanos, total.copy());
  }
}
