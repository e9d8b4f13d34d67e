package io.faultline.memory.limits;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The limits of the memory cgroup of this process and of all its ancestors, of version 1 and 2
 * (Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst). Pages of files can be reclaimed,
 * so they do not count as used. Huge pages do not count at all.
 */
final class MemoryCgroups {
  /** Version 1 has no word for "no limit": it is the largest number of whole pages. */
  private static final long UNLIMITED = 1L << 62;

  private final SystemFiles files;
  private final CgroupDirectories directories;

  MemoryCgroups(SystemFiles files) {
    this.files = files;
    directories = new CgroupDirectories(files);
  }

  List<MemoryLimit> limits() {
    List<MemoryLimit> found = new ArrayList<>();
    for (String each : directories.ofVersion1("self", "memory")) {
      add(found, each, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_");
      add(found, each, "memory.memsw.limit_in_bytes", "memory.memsw.usage_in_bytes", "total_");
    }
    for (String each : directories.ofVersion2("self")) {
      add(found, each, "memory.max", "memory.current", "");
    }
    return found;
  }

  private void add(
      List<MemoryLimit> to, String directory, String limitFile, String usageFile, String prefix) {
    String source = directory + "/" + limitFile;
    OptionalLong limit = files.number(source);
    OptionalLong usage = files.number(directory + "/" + usageFile);
    if (limit.isEmpty() || limit.getAsLong() >= UNLIMITED || usage.isEmpty()) {
      return;
    }
    String statistics = directory + "/memory.stat";
    long reclaimable =
        statistic(statistics, prefix + "inactive_file")
            + statistic(statistics, prefix + "active_file");
    long used = Math.max(0, usage.getAsLong() - reclaimable);
    to.add(
        new MemoryLimit(
            "memory cgroup",
            source,
            limit.getAsLong() - used,
            "raise that limit, or choose a smaller VM",
            MemoryLimit.Scope.CGROUP,
            MemoryDemand::ordinaryBytes));
  }

  private long statistic(String file, String name) {
    return files
        .read(file)
        .flatMap(text -> text.lines().filter(line -> line.startsWith(name + " ")).findFirst())
        .map(line -> Long.parseLong(line.substring(name.length() + 1).strip()))
        .orElse(0L);
  }
}
