package io.faultline.demo.simulated;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

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
