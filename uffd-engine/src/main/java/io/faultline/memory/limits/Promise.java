package io.faultline.memory.limits;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Memory that a process was promised.
 *
 * @param process its id
 * @param startTicks when it started, since process ids are reused (field 22 of proc_pid_stat(5))
 * @param bytes that it was promised
 * @param residentBytes what it had when it was promised more
 */
record Promise(long process, long startTicks, long bytes, long residentBytes) {
  private static final int START_AFTER_NAME = 19;

  static Promise ofThisProcess(long bytes, SystemFiles files) {
    long process = ProcessHandle.current().pid();
    return new Promise(process, startTicks(process, files), bytes, resident(process, files));
  }

  /** Parses {@link #text}; empty if it is no promise. */
  static Optional<Promise> parse(String text) {
    String[] fields = text.strip().split(" ", -1);
    try {
      return fields.length == 4
          ? Optional.of(
              new Promise(
                  Long.parseLong(fields[0]),
                  Long.parseLong(fields[1]),
                  Long.parseLong(fields[2]),
                  Long.parseLong(fields[3])))
          : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  String text() {
    return process + " " + startTicks + " " + bytes + " " + residentBytes + "\n";
  }

  boolean isAlive(SystemFiles files) {
    return startTicks(process, files) == startTicks && startTicks != 0;
  }

  /** What it has not taken yet. */
  long outstandingBytes(SystemFiles files) {
    return Math.max(0, bytes - Math.max(0, resident(process, files) - residentBytes));
  }

  /** 0 if there is no such process. The name, in parentheses, may contain anything. */
  private static long startTicks(long process, SystemFiles files) {
    return files
        .read("/proc/" + process + "/stat")
        .map(text -> text.substring(text.lastIndexOf(')') + 2).split(" ", -1))
        .map(fields -> Long.parseLong(fields[START_AFTER_NAME]))
        .orElse(0L);
  }

  /**
   * What a process has, with each page counted once: guest memory may be mapped twice, and VmRSS
   * counts both. That is all it offers to other users, though.
   */
  private static long resident(long process, SystemFiles files) {
    OptionalLong proportional = files.kibibytes("/proc/" + process + "/smaps_rollup", "Pss");
    return proportional.isPresent()
        ? proportional.getAsLong()
        : files.kibibytes("/proc/" + process + "/status", "VmRSS").orElse(0);
  }
}
