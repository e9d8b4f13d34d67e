package io.faultline.cli.mixin;

import io.faultline.cli.options.UsageException;
import io.faultline.dest.HostMemoryAdmission;
import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryDemand;
import io.faultline.memory.limits.MemoryLimit;
import io.faultline.memory.limits.MemoryLimits;
import io.faultline.memory.limits.SystemFiles;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.List;
import java.util.Optional;

/** Checks before anything starts that VMs fit this machine's memory. */
final class MemoryCheck {
  private MemoryCheck() {}

  /**
   * @param copies how many VMs of this size this machine must hold at the same time
   * @throws UsageException if they do not fit; the message has the remedy
   */
  static void require(Kernel kernel, long ramBytes, Backing backing, int copies) {
    if (backing.pageSize().isHuge()) {
      requireHugePages(kernel, ramBytes, backing.pageSize(), copies);
    } else {
      requireAvailable(kernel, ramBytes, copies);
    }
    requireLimits(ramBytes, backing.unnamed(), copies);
  }

  private static void requireAvailable(Kernel kernel, long ramBytes, int copies) {
    long available = kernel.availableMemoryBytes();
    if (ramBytes > available / copies) {
      String needed = (copies > 1 ? copies + " times " : "") + mebibytes(ramBytes);
      throw new UsageException(
          "--ram: "
              + needed
              + " does not fit: this machine has "
              + mebibytes(available)
              + " available; choose at most --ram "
              + ((available / copies) >> 20)
              + "m");
    }
  }

  /** The limits of cgroups, and those of a process, which each node inherits. */
  private static void requireLimits(long ramBytes, Backing backing, int copies) {
    MemoryLimits limits = new MemoryLimits(SystemFiles.ofThisMachine());
    for (MemoryLimit each : limits.of(List.of(backing))) {
      int together = each.scope() == MemoryLimit.Scope.PROCESS ? 1 : copies;
      each.refusal(
              MemoryDemand.of(
                  backing, together * ramBytes, together * HostMemoryAdmission.NODE_BYTES))
          .ifPresent(
              why -> {
                throw new UsageException("--ram: it does not fit: " + why);
              });
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
