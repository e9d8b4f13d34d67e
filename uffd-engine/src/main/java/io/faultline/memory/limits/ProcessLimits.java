package io.faultline.memory.limits;

import io.faultline.uffd.host.SystemFiles;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** RLIMIT_AS and RLIMIT_DATA of this process (getrlimit(2), proc_pid_limits(5)). */
final class ProcessLimits {
  private final SystemFiles files;

  ProcessLimits(SystemFiles files) {
    this.files = files;
  }

  List<MemoryLimit> limits() {
    return Stream.concat(
            limit(
                "address space of this process",
                "Max address space",
                "VmSize",
                "ulimit -v",
                MemoryDemand::addressSpaceBytes),
            limit(
                "data size of this process",
                "Max data size",
                "VmData",
                "ulimit -d",
                MemoryDemand::privateBytes))
        .toList();
  }

  private Stream<MemoryLimit> limit(
      String name, String line, String used, String command, ToLongFunction<MemoryDemand> charge) {
    OptionalLong limit = softLimit(line);
    OptionalLong usage = files.kibibytes("/proc/self/status", used);
    if (limit.isEmpty() || usage.isEmpty()) {
      return Stream.empty();
    }
    return Stream.of(
        new MemoryLimit(
            name,
            command + ", /proc/self/limits",
            limit.getAsLong() - usage.getAsLong(),
            _ -> "raise it with " + command + ", or choose a smaller VM",
            MemoryLimit.Scope.PROCESS,
            MemoryLimit.Counted.WHEN_MAPPED,
            charge));
  }

  private OptionalLong softLimit(String name) {
    Pattern line = Pattern.compile("(?m)^" + name + "\\s+(\\d+)\\s");
    return files
        .read("/proc/self/limits")
        .map(line::matcher)
        .filter(Matcher::find)
        .map(found -> OptionalLong.of(Long.parseLong(found.group(1))))
        .orElse(OptionalLong.empty());
  }
}
