package io.faultline.cli.node;

import io.faultline.cli.options.UsageException;
import io.faultline.memory.Backing;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.Optional;

/** Refuses at once what the machine's memory cannot hold. */
final class MemoryCheck {
  private MemoryCheck() {}

  /**
   * @param copies VMs of this size that this machine has to hold at a time
   * @throws UsageException where it cannot
   */
  static void require(Kernel kernel, long ramBytes, Backing backing, int copies) {
    if (backing.pageSize().isHuge()) {
      requireHugePages(kernel, ramBytes, backing.pageSize(), copies);
      return;
    }
    long available = kernel.availableMemoryBytes();
    if (ramBytes > available / copies) {
      String needed = mebibytes(ramBytes) + (copies > 1 ? ", " + copies + " times" : "");
      throw new UsageException(
          "--ram: "
              + needed
              + ", does not fit: this machine has "
              + mebibytes(available)
              + " available; choose at most --ram "
              + ((available / copies) >> 20)
              + "m");
    }
  }

  private static void requireHugePages(Kernel kernel, long ramBytes, PageSize size, int copies) {
    Optional<HugePagePool> pool = kernel.hugePagePool(size);
    if (pool.isEmpty()) {
      throw new UsageException(
          "this machine has no huge pages of " + mebibytes(kernel.pageSizeBytes(size)));
    }
    long wanted = ramBytes / kernel.pageSizeBytes(size) * copies;
    if (pool.get().available() < wanted) {
      throw new UsageException(
          wanted
              + " huge pages of "
              + mebibytes(kernel.pageSizeBytes(size))
              + " are needed, "
              + pool.get().available()
              + " are available; run: "
              + pool.get().commandFor(wanted));
    }
  }

  private static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }
}
