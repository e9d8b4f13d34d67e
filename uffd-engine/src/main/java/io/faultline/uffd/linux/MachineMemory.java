package io.faultline.uffd.linux;

import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads the state of the machine's memory from {@code /proc}, {@code /sys} and the cgroup. */
final class MachineMemory {
  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Path CGROUP = Path.of("/sys/fs/cgroup");

  private MachineMemory() {}

  static Optional<HugePagePool> hugePagePool(PageSize pageSize) {
    Path pool = HugePagePool.directory(pageSize);
    if (!Files.isDirectory(pool)) {
      return Optional.empty();
    }
    return Optional.of(
        new HugePagePool(
            pageSize,
            number(pool.resolve("nr_hugepages")),
            number(pool.resolve("free_hugepages")),
            number(pool.resolve("resv_hugepages"))));
  }

  /** The available bytes: the minimum of the machine's and the cgroup's. */
  static long availableBytes() {
    long available = memAvailableBytes();
    long limit = number(CGROUP.resolve("memory.max"));
    if (limit > 0) {
      available = Math.min(available, limit - number(CGROUP.resolve("memory.current")));
    }
    return Math.max(0, available);
  }

  private static long memAvailableBytes() {
    try {
      for (String line : Files.readAllLines(MEMINFO)) {
        if (line.startsWith("MemAvailable:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        }
      }
    } catch (IOException e) {
      // unknown without /proc: then mmap decides
    }
    return Long.MAX_VALUE;
  }

  /** The number in a file; 0 if there is none ("max" in a cgroup, or a missing file). */
  private static long number(Path file) {
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }
}
