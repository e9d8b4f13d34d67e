package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * With placement continue, has the kernel take and clear pages before the VM is paused: else it
 * takes each when its first bytes come out of a socket, which takes as long as all else that a
 * destination does for it, or longer (docs/performance.md).
 */
final class Prepopulation {
  private static final long STEP_BYTES = 128L << 20;

  /** A source waits for two minutes; what is not done by then is done when it is needed. */
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(20);

  private Prepopulation() {}

  /**
   * Once userfaultfd watches what the guest sees of them, so that it sees none of them yet.
   *
   * @param clock in nanoseconds
   * @throws SystemCallException where the kernel has no page, or refuses one that was reserved
   */
  static void run(Kernel kernel, List<MemoryRegion> regions, Populate which, LongSupplier clock) {
    long end = clock.getAsLong() + MOST_NANOS;
    for (MemoryRegion region : regions) {
      boolean huge = region.backing().pageSize().isHuge();
      boolean wanted = which == Populate.ALL || (which == Populate.HUGE && huge);
      if (wanted && !populate(kernel, region, clock, end)) {
        return;
      }
    }
  }

  private static boolean populate(
      Kernel kernel, MemoryRegion region, LongSupplier clock, long end) {
    long step = Math.max(STEP_BYTES, region.pageBytes());
    for (long offset = 0; offset < region.sizeBytes(); offset += step) {
      long bytes = Math.min(step, region.sizeBytes() - offset);
      try {
        kernel.advise(region.transfer().address(offset), bytes, Advice.POPULATE_WRITE);
      } catch (SystemCallException e) {
        if (e.errno() == Errno.EINVAL) { // before Linux 5.14
          return false;
        }
        throw new SystemCallException(
            e.call(), e.errno(), "no memory to populate the VM's with, before it is paused");
      }
      if (clock.getAsLong() - end > 0) {
        return false;
      }
    }
    return true;
  }
}
