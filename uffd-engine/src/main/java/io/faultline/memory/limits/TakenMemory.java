package io.faultline.memory.limits;

import io.faultline.uffd.host.SystemFiles;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The memory that a process has, with each page counted once although guest memory may be mapped
 * twice (proc_pid_smaps(5)). The kernel walks the page tables for this, which takes about 12 ms for
 * each GiB of base pages.
 *
 * @param baseBytes pages of the usual size
 * @param hugeBytes huge pages
 * @param fileBytes of {@code baseBytes}, by the path of a mapped file
 */
record TakenMemory(long baseBytes, long hugeBytes, Map<String, Long> fileBytes) {
  private static final Pattern MAPPING =
      Pattern.compile("\\p{XDigit}+-\\p{XDigit}+ \\S+ \\S+ \\S+ \\d+\\s*(.*)");

  /** Of a process that is gone. */
  static final TakenMemory NONE = new TakenMemory(0, 0, Map.of());

  TakenMemory {
    fileBytes = Map.copyOf(fileBytes);
  }

  /**
   * Of a process; nothing if there is none.
   *
   * @param process its id
   */
  static TakenMemory of(String process, SystemFiles files) {
    String directory = "/proc/" + process;
    // The kernel walks the page tables for each read.
    List<String> summary = files.read(directory + "/smaps_rollup").orElse("").lines().toList();
    // All that it offers to other users counts pages twice that are mapped twice.
    long base =
        value(summary, "Pss")
            .orElseGet(() -> files.kibibytes(directory + "/status", "VmRSS").orElse(0));
    // A page that only this process maps is shared if it maps it twice, and then counts twice.
    long huge =
        value(summary, "Private_Hugetlb").orElse(0)
            + value(summary, "Shared_Hugetlb").orElse(0) / 2;
    return new TakenMemory(base, huge, Map.of());
  }

  private static OptionalLong value(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name + ":"))
        .mapToLong(TakenMemory::kibibytes)
        .findFirst();
  }

  /** The same, with what each mapped file has. */
  TakenMemory withFiles(String process, SystemFiles files) {
    Map<String, Long> found = new HashMap<>();
    String path = "";
    for (String line : files.read("/proc/" + process + "/smaps").orElse("").lines().toList()) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.matches()) {
        path = mapping.group(1);
      } else if (line.startsWith("Pss:") && path.startsWith("/")) {
        found.merge(path, kibibytes(line), Long::sum);
      }
    }
    return new TakenMemory(baseBytes, hugeBytes, found);
  }

  private static long kibibytes(String line) {
    String number = line.toLowerCase(Locale.ROOT).replaceAll("\\D", "");
    return number.isEmpty() ? 0 : Long.parseLong(number) << 10;
  }
}
