package io.faultline.dest;

import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryDemand;
import io.faultline.memory.limits.MemoryLimit;
import io.faultline.memory.limits.MemoryLimits;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** What a VM needs at its destination: guest memory, and what the node allocates for it. */
public final class DestinationDemand {
  /** Read buffer of a connection, and of compressed runs. */
  private static final long CONNECTION_BYTES = (256L << 10) + RunLimits.MAX_RUN_BYTES;

  private static final long PAGE_TABLE_ENTRY_BYTES = 8;
  private static final long BASE_PAGE_BYTES = 4096;
  private static final long STEP_BYTES = 1 << 20;

  /** More than any machine has; the overhead for it does not overflow. */
  private static final long MOST_STEPS = 1L << 34;

  private DestinationDemand() {}

  /**
   * Guest memory, its page tables and bitmaps, and the buffers of the control connection and of
   * {@code channels} bulk connections.
   */
  public static MemoryDemand of(Map<Backing, Long> guestBytes, int channels) {
    long overhead = 0;
    long longestRun = RunLimits.MAX_RUN_BYTES;
    for (Map.Entry<Backing, Long> each : guestBytes.entrySet()) {
      Backing backing = each.getKey();
      long bytes = each.getValue();
      int mappings = backing.isShared() ? 2 : 1;
      overhead += mappings * PAGE_TABLE_ENTRY_BYTES * (bytes / pageBytes(backing));
      overhead += bytes / BASE_PAGE_BYTES / Byte.SIZE; // current pages
      longestRun = Math.max(longestRun, pageBytes(backing));
    }
    overhead += (1L + channels) * (CONNECTION_BYTES + longestRun);
    return new MemoryDemand(guestBytes, overhead);
  }

  private static long pageBytes(Backing backing) {
    return backing.pageSize().isHuge() ? 1L << backing.pageSize().shift() : BASE_PAGE_BYTES;
  }

  /**
   * The largest guest memory that limits allow, in bytes, a multiple of 1 MiB.
   *
   * @param demand what guest memory of a size needs in all
   */
  public static long largestBytes(List<MemoryLimit> limits, LongFunction<MemoryDemand> demand) {
    long fits = 0;
    long doesNot = MOST_STEPS;
    while (doesNot - fits > 1) {
      long middle = (fits + doesNot) >>> 1;
      if (MemoryLimits.refusal(limits, demand.apply(middle * STEP_BYTES)).isEmpty()) {
        fits = middle;
      } else {
        doesNot = middle;
      }
    }
    return fits * STEP_BYTES;
  }
}
