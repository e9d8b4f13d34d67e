package io.faultline.memory.limits;

import io.faultline.uffd.host.SystemFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The memory of the machine: what is available, and what may be promised if it never promises more
 * than it has (proc_meminfo(5), Documentation/mm/overcommit-accounting.rst).
 */
final class MachineLimits {
  private static final String MEMINFO = "/proc/meminfo";
  private static final String OVERCOMMIT = "/proc/sys/vm/overcommit_memory";
  private static final long NEVER = 2;

  private final SystemFiles files;

  MachineLimits(SystemFiles files) {
    this.files = files;
  }

  List<MemoryLimit> limits() {
    List<MemoryLimit> found = new ArrayList<>();
    OptionalLong available = files.kibibytes(MEMINFO, "MemAvailable");
    if (available.isPresent()) {
      found.add(
          new MemoryLimit(
              "memory of this machine",
              MEMINFO + ", MemAvailable",
              available.getAsLong(),
              _ -> "end other processes, or choose a smaller VM",
              MemoryLimit.Scope.MACHINE,
              MemoryLimit.Counted.WHEN_USED,
              MemoryDemand::ordinaryBytes));
    }
    OptionalLong limit = files.kibibytes(MEMINFO, "CommitLimit");
    OptionalLong committed = files.kibibytes(MEMINFO, "Committed_AS");
    boolean strict = files.number(OVERCOMMIT).orElse(0) == NEVER;
    if (strict && limit.isPresent() && committed.isPresent()) {
      found.add(
          new MemoryLimit(
              "memory that this machine may promise",
              OVERCOMMIT + " is 2; CommitLimit in " + MEMINFO,
              limit.getAsLong() - committed.getAsLong(),
              _ -> "raise vm.overcommit_ratio, or set vm.overcommit_memory to 0",
              MemoryLimit.Scope.MACHINE,
              MemoryLimit.Counted.WHEN_MAPPED,
              MemoryDemand::ordinaryBytes));
    }
    return found;
  }
}
