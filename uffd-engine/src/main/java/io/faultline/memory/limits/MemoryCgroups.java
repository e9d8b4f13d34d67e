package io.faultline.memory.limits;

import io.faultline.uffd.host.CgroupDirectories;
import io.faultline.uffd.host.SystemFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;

/**
 * The limits of the memory cgroup of this process and of all its ancestors, of version 1 and 2
 * (Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst). Pages of files can be reclaimed,
 * so they do not count as used. Huge pages count only in version 2, if it is mounted with {@code
 * memory_hugetlb_accounting} (Linux 6.7).
 *
 * <p>{@code memory.high} is a limit like {@code memory.max}: a process above it is not killed, but
 * the kernel stops it for up to two seconds each time it allocates, and guest memory cannot be
 * reclaimed to end that.
 */
final class MemoryCgroups {
  /** Version 1 has no word for "no limit": it is the largest number of whole pages. */
  private static final long UNLIMITED = 1L << 62;

  private static final String HUGETLB_OPTION = "memory_hugetlb_accounting";
  private static final String RAISE = "raise that limit, or choose a smaller VM";
  private static final String THROTTLES =
      "the kernel throttles processes above it until they nearly stop: " + RAISE;

  private final SystemFiles files;
  private final CgroupDirectories directories;

  MemoryCgroups(SystemFiles files) {
    this.files = files;
    directories = new CgroupDirectories(files);
  }

  List<MemoryLimit> limits() {
    List<MemoryLimit> found = new ArrayList<>();
    for (String each : directories.ofVersion1("self", "memory")) {
      Group group = new Group(each, "total_", MemoryDemand::ordinaryBytes);
      add(found, group, "memory.limit_in_bytes", "memory.usage_in_bytes", RAISE);
      add(found, group, "memory.memsw.limit_in_bytes", "memory.memsw.usage_in_bytes", RAISE);
    }
    boolean countsHuge = directories.isVersion2MountedWith(HUGETLB_OPTION);
    for (String each : directories.ofVersion2("self")) {
      Group group =
          new Group(
              each,
              "",
              countsHuge
                  ? demand -> demand.ordinaryBytes() + demand.allHugeBytes()
                  : MemoryDemand::ordinaryBytes);
      add(found, group, "memory.max", "memory.current", RAISE);
      add(found, group, "memory.high", "memory.current", THROTTLES);
    }
    return found;
  }

  /**
   * A cgroup.
   *
   * @param prefix of statistics that include its children
   */
  private record Group(String directory, String prefix, ToLongFunction<MemoryDemand> charged) {}

  private void add(
      List<MemoryLimit> to, Group group, String limitFile, String usageFile, String remedy) {
    String source = group.directory() + "/" + limitFile;
    OptionalLong limit = files.number(source);
    OptionalLong usage = files.number(group.directory() + "/" + usageFile);
    if (limit.isEmpty() || limit.getAsLong() >= UNLIMITED || usage.isEmpty()) {
      return;
    }
    String statistics = group.directory() + "/memory.stat";
    long reclaimable =
        statistic(statistics, group.prefix() + "inactive_file")
            + statistic(statistics, group.prefix() + "active_file");
    long used = Math.max(0, usage.getAsLong() - reclaimable);
    to.add(
        new MemoryLimit(
            "memory cgroup",
            source,
            limit.getAsLong() - used,
            _ -> remedy,
            MemoryLimit.Scope.CGROUP,
            MemoryLimit.Counted.WHEN_USED,
            group.charged()));
  }

  private long statistic(String file, String name) {
    return files
        .read(file)
        .flatMap(text -> text.lines().filter(line -> line.startsWith(name + " ")).findFirst())
        .map(line -> Long.parseLong(line.substring(name.length() + 1).strip()))
        .orElse(0L);
  }
}
