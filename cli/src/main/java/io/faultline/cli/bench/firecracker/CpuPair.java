package io.faultline.cli.bench.firecracker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The CPUs of a handler and of its VM: the first two that this process may use, or one for both.
 */
record CpuPair(int handler, int vm) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ALLOWED = "Cpus_allowed_list:";

  static CpuPair find() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(ALLOWED)) {
        return of(line.substring(ALLOWED.length()).strip());
      }
    }
    throw new IOException(STATUS + " has no line " + ALLOWED);
  }

  /** Of a list as the kernel writes it: {@code 0-3,7}. */
  static CpuPair of(String list) {
    String[] ranges = list.split(",", -1);
    String[] first = ranges[0].split("-", -1);
    int one = Integer.parseInt(first[0]);
    if (first.length > 1) {
      return new CpuPair(one, one + 1);
    }
    int other = ranges.length > 1 ? Integer.parseInt(ranges[1].split("-", -1)[0]) : one;
    return new CpuPair(one, other);
  }

  static List<String> pinned(int cpu) {
    return List.of("taskset", "-c", Integer.toString(cpu));
  }
}
