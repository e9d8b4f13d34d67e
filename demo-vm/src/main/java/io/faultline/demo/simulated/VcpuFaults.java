package io.faultline.demo.simulated;

import java.util.Collection;
import org.HdrHistogram.Histogram;

/**
 * The faults of vCPUs: accesses to memory that took longer than {@link #THRESHOLD_NANOS}.
 *
 * @param count number of faults
 * @param blockedNanos their total latency, in nanoseconds
 * @param latencyNanos histogram of their latencies, in nanoseconds, to 1 %; not shared
 */
public record VcpuFaults(long count, long blockedNanos, Histogram latencyNanos) {
  /**
   * An access in native state takes well under 1 us if the page is present, and about 1 us if the
   * kernel allocates one. A fault handled through userfaultfd takes at least 15 us, even if the
   * reader spins and already has the page. The threshold of 10 us distinguishes them. Occasionally
   * a longer access was not a fault: the thread lost its processor.
   */
  public static final long THRESHOLD_NANOS = 10_000;

  /** Longer latencies are recorded as this one. */
  static final long MAX_NANOS = 100_000_000_000L;

  /** 1 %, in 28 KiB per vCPU. Another digit would cost ten times that, for up to 256 vCPUs. */
  static final int DIGITS = 2;

  /** An empty histogram; all have the same range and precision, so they can be added. */
  static Histogram emptyHistogram() {
    return new Histogram(MAX_NANOS, DIGITS);
  }

  /** The sum over several vCPUs or periods. */
  public static VcpuFaults merged(Collection<VcpuFaults> parts) {
    long count = 0;
    long blocked = 0;
    Histogram latency = emptyHistogram();
    for (VcpuFaults part : parts) {
      count += part.count;
      blocked += part.blockedNanos;
      latency.add(part.latencyNanos);
    }
    return new VcpuFaults(count, blocked, latency);
  }
}
