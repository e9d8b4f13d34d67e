package io.faultline.demo.simulated;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Collects the faults of one vCPU. The vCPU's thread records, without locks or allocation; any
 * thread takes snapshots meanwhile.
 */
final class FaultRecorder {
  private final SingleWriterRecorder recorder =
      new SingleWriterRecorder(VcpuFaults.MAX_NANOS, VcpuFaults.DIGITS);
  private final Histogram total = VcpuFaults.emptyHistogram();

  // Written by the vCPU's thread only.
  private volatile long blockedNanos;

  /** By the vCPU's thread. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void record(long nanos) {
    recorder.recordValue(Math.min(nanos, VcpuFaults.MAX_NANOS));
    blockedNanos += nanos;
  }

  /** All faults so far; while the vCPU runs, the parts may differ by the latest fault. */
  synchronized VcpuFaults snapshot() {
    total.add(recorder.getIntervalHistogram());
    return new VcpuFaults(total.getTotalCount(), blockedNanos, total.copy());
  }
}
