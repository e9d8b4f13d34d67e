package io.faultline.memory.limits;

import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.host.CgroupDirectories;
import io.faultline.uffd.host.SystemFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The limits of huge pages of one size: the pool of the machine, and the hugetlb cgroup of this
 * process and of all its ancestors (Documentation/admin-guide/mm/hugetlbpage.rst, cgroup-v2.rst,
 * cgroup-v1/hugetlb.rst). The kernel reserves the pages of a mapping in the pool. A cgroup counts
 * them twice: as reserved when they are mapped, and as used later. What is reserved will be used,
 * so neither limit has more room than that leaves.
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
      String prefix = each + "/" + name;
      long taken = taken(prefix, ".usage_in_bytes", ".rsvd.usage_in_bytes");
      add(found, size, prefix + ".limit_in_bytes", taken);
      add(found, size, prefix + ".rsvd.limit_in_bytes", taken);
    }
    for (String each : directories.ofVersion2("self")) {
      String prefix = each + "/" + name;
      long taken = taken(prefix, ".current", ".rsvd.current");
      add(found, size, prefix + ".max", taken);
      add(found, size, prefix + ".rsvd.max", taken);
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
    long total = files.number(pool + "nr_hugepages").orElse(0);
    HugePagePool state = new HugePagePool(size, total, free.getAsLong(), reserved);
    to.add(
        new MemoryLimit(
            "pool of huge pages of " + (bytes >> 20) + " MiB",
            pool + "nr_hugepages",
            pages * bytes,
            missing -> enlarge(state, missing) + ", or choose another --backing",
            MemoryLimit.Scope.MACHINE,
            MemoryLimit.Counted.WHEN_MAPPED,
            demand -> demand.hugeBytes(size)));
  }

  private static String enlarge(HugePagePool pool, long missingBytes) {
    long missing = Math.ceilDiv(missingBytes, 1L << pool.pageSize().shift());
    return "run: " + pool.commandFor(pool.available() + missing);
  }

  private long taken(String prefix, String usedFile, String reservedFile) {
    return Math.max(
        files.number(prefix + usedFile).orElse(0), files.number(prefix + reservedFile).orElse(0));
  }

  private void add(List<MemoryLimit> to, PageSize size, String file, long taken) {
    OptionalLong limit = files.number(file);
    if (limit.isPresent() && limit.getAsLong() < UNLIMITED) {
      to.add(
          new MemoryLimit(
              "hugetlb cgroup",
              file,
              limit.getAsLong() - taken,
              _ -> "raise that limit, or choose another --backing",
              MemoryLimit.Scope.CGROUP,
              MemoryLimit.Counted.WHEN_MAPPED,
              demand -> demand.hugeBytes(size)));
    }
  }
}
