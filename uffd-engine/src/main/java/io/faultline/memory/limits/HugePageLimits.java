package io.faultline.memory.limits;

import io.faultline.uffd.PageSize;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The limits of huge pages of one size: the pool of the machine, and the hugetlb cgroup of this
 * process and of all its ancestors (Documentation/admin-guide/mm/hugetlbpage.rst, cgroup-v2.rst,
 * cgroup-v1/hugetlb.rst).
 */
final class HugePageLimits {
  private static final long UNLIMITED = 1L << 62;

  private final SystemFiles files;
  private final CgroupDirectories directories;

  HugePageLimits(SystemFiles files) {
    this.files = files;
    directories = new CgroupDirectories(files);
  }

  List<MemoryLimit> limits(PageSize size) {
    List<MemoryLimit> found = new ArrayList<>();
    addPool(found, size);
    String name = "hugetlb." + (size == PageSize.HUGE_1G ? "1GB" : "2MB");
    for (String each : directories.ofVersion1("self", "hugetlb")) {
      add(found, size, each + "/" + name, ".limit_in_bytes", ".usage_in_bytes");
      add(found, size, each + "/" + name, ".rsvd.limit_in_bytes", ".rsvd.usage_in_bytes");
    }
    for (String each : directories.ofVersion2("self")) {
      add(found, size, each + "/" + name, ".max", ".current");
      add(found, size, each + "/" + name, ".rsvd.max", ".rsvd.current");
    }
    return found;
  }

  /** Pages that are neither used nor promised to another mapping, and those that may be added. */
  private void addPool(List<MemoryLimit> to, PageSize size) {
    long bytes = 1L << size.shift();
    String pool = "/sys/kernel/mm/hugepages/hugepages-" + (bytes >> 10) + "kB/";
    OptionalLong free = files.number(pool + "free_hugepages");
    if (free.isEmpty()) {
      return;
    }
    long reserved = files.number(pool + "resv_hugepages").orElse(0);
    long surplus = files.number(pool + "surplus_hugepages").orElse(0);
    long more = files.number(pool + "nr_overcommit_hugepages").orElse(0) - surplus;
    long pages = free.getAsLong() - reserved + Math.max(0, more);
    to.add(
        new MemoryLimit(
            "pool of huge pages of " + (bytes >> 20) + " MiB",
            pool + "nr_hugepages",
            pages * bytes,
            "enlarge the pool (see doctor), or choose another --backing",
            MemoryLimit.Scope.MACHINE,
            demand -> demand.hugeBytes(size)));
  }

  private void add(
      List<MemoryLimit> to, PageSize size, String prefix, String limitFile, String usageFile) {
    OptionalLong limit = files.number(prefix + limitFile);
    OptionalLong usage = files.number(prefix + usageFile);
    if (limit.isPresent() && limit.getAsLong() < UNLIMITED && usage.isPresent()) {
      to.add(
          new MemoryLimit(
              "hugetlb cgroup",
              prefix + limitFile,
              limit.getAsLong() - usage.getAsLong(),
              "raise that limit, or choose another --backing",
              MemoryLimit.Scope.CGROUP,
              demand -> demand.hugeBytes(size)));
    }
  }
}
