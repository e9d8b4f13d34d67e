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
 * With placement continue: lets the kernel allocate and clear pages before the VM is paused.
 * Otherwise each page is allocated when its first bytes are read from a socket, which takes as long
 * as everything else that a destination does for the page, or longer (docs/performance.md).
 */
final class Prepopulation {
  private static final long STEP_BYTES = 128L << 20;

  /** The source waits for two minutes. The remaining pages are allocated when they arrive. */
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(20);

  private Prepopulation() {}

  /**
   * Must be called after the guest mapping was registered with userfaultfd, so that no page is
   * mapped for the guest yet.
   *
   * @param clock in nanoseconds
   * @throws SystemCallException if the kernel has no free page, or refuses a reserved one
   */
  static void run(Kernel kernel, List<MemoryRegion> regions, Populate which, LongSupplier clock) {
    long end = clock.getAsLong() + MAX_NANOS;
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
            e.call(), e.errno(), "cannot populate the memory of the VM before it is paused");
      }
      if (clock.getAsLong() - end > 0) {
        return false;
      }
    }
    return true;
  }
}
