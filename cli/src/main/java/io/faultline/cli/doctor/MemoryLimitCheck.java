package io.faultline.cli.doctor;

import io.faultline.dest.DestinationDemand;
import io.faultline.dest.HostMemoryAdmission;
import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryLimit;
import io.faultline.memory.limits.MemoryLimits;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.host.SystemFiles;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Shows what bounds the memory of this process, and the largest VM that fits. */
final class MemoryLimitCheck {
  /** As without --channels. */
  private static final int CHANNELS = 1;

  private MemoryLimitCheck() {}

  static Section run(SystemFiles files) {
    MemoryLimits limits = new MemoryLimits(files);
    List<Finding> findings = new ArrayList<>();
    for (MemoryLimit each : limits.ordinary()) {
      findings.add(limit(each));
    }
    limits.huge(PageSize.HUGE_2M).stream()
        .filter(each -> each.scope() == MemoryLimit.Scope.CGROUP)
        .forEach(each -> findings.add(limit(each)));
    findings.add(largest("largest VM", limits, Backing.ANONYMOUS, files));
    findings.add(largest("with huge pages", limits, Backing.HUGETLB_2M, files));
    return new Section("Memory", findings);
  }

  private static Finding limit(MemoryLimit limit) {
    return Finding.info(
        limit.name(), mebibytes(limit.availableBytes()) + " available (" + limit.source() + ")");
  }

  private static Finding largest(
      String name, MemoryLimits limits, Backing backing, SystemFiles files) {
    List<MemoryLimit> all = limits.of(List.of(backing));
    MemoryLimit tightest =
        all.stream()
            .min(Comparator.comparingLong(each -> largestBytes(List.of(each), backing, files)))
            .orElse(null);
    return tightest == null
        ? Finding.info(name, "not known")
        : Finding.info(
            name,
            mebibytes(largestBytes(all, backing, files))
                + ", bounded by the "
                + tightest.name()
                + " ("
                + tightest.source()
                + ")");
  }

  /** What a destination with one bulk connection admits, if no other was promised anything. */
  private static long largestBytes(List<MemoryLimit> limits, Backing backing, SystemFiles files) {
    return DestinationDemand.largestBytes(
        limits,
        bytes ->
            HostMemoryAdmission.withNode(
                DestinationDemand.of(Map.of(backing, bytes), CHANNELS), files));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MiB", Math.max(0, bytes) >> 20);
  }
}
