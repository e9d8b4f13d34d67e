package io.faultline.demo.kvm;

import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.Pagemap;
import java.util.List;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;

/**
 * A vCPU's measurements of time: {@code struct clock} (guest.h), at the start of its scratch area.
 *
 * <pre>
 *  0            8             16          24         32            40       48        56
 *  +------------+-------------+-----------+----------+-------------+--------+---------+--------+
 *  | operations | longest_gap | backwards | arrivals | arrival_gap | faults | blocked | gaps[] |
 *  +------------+-------------+-----------+----------+-------------+--------+---------+--------+
 * </pre>
 *
 * It is in guest memory, which may not have arrived yet, so it is read only if its page is present.
 * Thread-safe.
 */
final class GuestClock {
  static final long OPERATIONS = 0;
  static final long LONGEST_GAP = 8;
  private static final long BACKWARDS = 16;
  private static final long ARRIVALS = 24;
  private static final long ARRIVAL_GAP = 32;
  static final long FAULTS = 40;
  static final long BLOCKED = 48;
  static final long GAPS = 56;
  private static final int FIRST_POWER = 12;
  private static final int POWERS = 29;
  private static final int STEPS = 16;
  static final int GAP_COUNTS = POWERS * STEPS;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Kernel kernel;
  private final Pagemap pagemap;
  private final long address;
  private final int tscKhz;

  /** Its page is lost and poisoned: reading it would end the process. */
  private volatile boolean lost;

  GuestClock(Kernel kernel, Pagemap pagemap, MemoryRegion low, int vcpu, int tscKhz) {
    this.kernel = kernel;
    this.pagemap = pagemap;
    this.address = low.guest().address(GuestLayout.scratch(vcpu));
    this.tscKhz = tscKhz;
  }

  /** Converts a time to TSC ticks. */
  static long ticks(long nanos, int tscKhz) {
    return (long) (nanos * (tscKhz / (double) NANOS_PER_MILLI));
  }

  /**
   * Some pages will be poisoned. A poisoned page looks present in the pagemap, as if swapped out,
   * so this must be remembered.
   */
  void lose(PageBitmap lowPages, long pageBytes, int vcpu) {
    if (lowPages.get(GuestLayout.scratch(vcpu) / pageBytes)) {
      lost = true;
    }
  }

  /** Operations done, as the running guest counts them; empty if the page is not present. */
  OptionalLong operations() {
    return word(OPERATIONS);
  }

  /** The longest gap between two operations since power-on; 0 if the page is not present. */
  long longestGapNanos() {
    return nanos(word(LONGEST_GAP).orElse(0));
  }

  /** How often the TSC went backwards. */
  long backwards() {
    return word(BACKWARDS).orElse(0);
  }

  /** The gap around the n-th arrival; empty if the guest has not noticed that arrival yet. */
  OptionalLong arrivalGapNanos(int arrivals) {
    if (word(ARRIVALS).orElse(0) != arrivals) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(nanos(word(ARRIVAL_GAP).orElse(0)));
  }

  /** The faults since the n-th arrival; none if the guest has not noticed that arrival yet. */
  VcpuFaults faults(int arrivals) {
    Histogram latency = VcpuFaults.merged(List.of()).latencyNanos();
    if (word(ARRIVALS).orElse(-1) != arrivals) {
      return new VcpuFaults(0, 0, latency);
    }
    for (int i = 0; i < GAP_COUNTS; i++) {
      long count = word(GAPS + (long) i * Long.BYTES).orElse(0);
      if (count > 0) {
        latency.recordValueWithCount(
            Math.min(middleNanos(i, tscKhz), latency.getHighestTrackableValue()), count);
      }
    }
    long faults = word(FAULTS).orElse(0);
    return new VcpuFaults(faults, nanos(word(BLOCKED).orElse(0)), latency);
  }

  /** The middle of a bucket of gaps. */
  static long middleNanos(int index, int tscKhz) {
    int power = FIRST_POWER + index / STEPS;
    long step = 1L << (power - 4);
    return nanos((1L << power) + index % STEPS * step + step / 2, tscKhz);
  }

  /** Converts TSC ticks to a time. */
  static long nanos(long ticks, int tscKhz) {
    return (long) (ticks * (NANOS_PER_MILLI / (double) tscKhz));
  }

  private long nanos(long ticks) {
    return nanos(ticks, tscKhz);
  }

  private OptionalLong word(long offset) {
    if (lost || !pagemap.isPresent(address)) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(kernel.guestLoad(address + offset));
  }
}
