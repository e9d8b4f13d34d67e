package io.faultline.demo.simulated;

import java.util.Collection;
import org.HdrHistogram.Histogram;

/**
 * The faults that vCPUs saw: accesses to memory that took longer than {@link #THRESHOLD_NANOS}.
 *
 * @param count how many
 * @param blockedNanos how long they took together, in nanoseconds
 * @param latencyNanos how long each took, in nanoseconds, to 1 %; the owner's own copy
 */
public record VcpuFaults(long count, long blockedNanos, Histogram latencyNanos) {
  /**
   * An access through the kernel takes well under 1 us where the page is there, and about 1 us
   * where the kernel allocates one. One that userfaultfd handles takes 15 us at the least, with a
   * reader that spins and has the page at hand. What lies between is told apart at 10 us; now and
   * then an access longer than that was no fault, but a thread that lost its processor.
   */
  public static final long THRESHOLD_NANOS = 10_000;

  /** Latencies above are counted as this one. */
  static final long MAX_NANOS = 100_000_000_000L;

  /** 1 %, in 28 KiB; more digits would cost ten times that for each of up to 256 vCPUs. */
  static final int DIGITS = 2;

  /** An empty histogram of the one shape that all have here. */
  static Histogram emptyHistogram() {
    return new Histogram(MAX_NANOS, DIGITS);
  }

  /** The sum over several vCPUs, or over several times. */
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
