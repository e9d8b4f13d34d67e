package io.faultline.memory.limits;

import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryLimit.Counted;
import io.faultline.uffd.host.SystemFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Memory that a process was promised.
 *
 * @param process its id
 * @param startTicks when it started, since process ids are reused (field 22 of proc_pid_stat(5))
 * @param demand what it was promised
 * @param baseBytes pages of the usual size that it had before
 * @param hugeBytes huge pages that it had before
 * @param mapped whether it has mapped guest memory, so that limits that count mappings include it
 */
record Promise(
    long process,
    long startTicks,
    MemoryDemand demand,
    long baseBytes,
    long hugeBytes,
    boolean mapped) {
  private static final int START_AFTER_NAME = 19;

  /**
   * A promise to this process.
   *
   * @param taken what it has already
   */
  static Promise ofThisProcess(MemoryDemand demand, SystemFiles files, TakenMemory taken) {
    long process = ProcessHandle.current().pid();
    return new Promise(
        process, startTicks(process, files), demand, taken.baseBytes(), taken.hugeBytes(), false);
  }

  Promise afterMapping() {
    return new Promise(process, startTicks, demand, baseBytes, hugeBytes, true);
  }

  boolean isAlive(SystemFiles files) {
    return startTicks(process, files) == startTicks && startTicks != 0;
  }

  /** What its process has now. */
  TakenMemory taken(SystemFiles files) {
    String id = Long.toString(process);
    TakenMemory taken = TakenMemory.of(id, files);
    boolean namesFiles = demand.guestBytes().keySet().stream().anyMatch(Promise::isTmpfs);
    return namesFiles ? taken.withFiles(id, files) : taken;
  }

  /**
   * What limits that count memory at the given time do not include yet. Ordinary pages that are not
   * of a named file are all in the overhead.
   */
  MemoryDemand outstanding(Counted counted, TakenMemory now) {
    if (counted == Counted.WHEN_MAPPED && !mapped) {
      return demand;
    }
    boolean whenUsed = counted == Counted.WHEN_USED;
    long base = demand.ordinaryBytes() - Math.max(0, now.baseBytes() - baseBytes);
    long huge = demand.allHugeBytes() - Math.max(0, now.hugeBytes() - hugeBytes);
    Map<Backing, Long> left = new HashMap<>();
    for (Map.Entry<Backing, Long> each : demand.guestBytes().entrySet()) {
      Backing backing = each.getKey();
      if (isTmpfs(backing)) { // counts pages when they are used, whatever else counts mappings
        long has = now.fileBytes().getOrDefault(realPath(backing), 0L);
        long bytes = Math.max(0, each.getValue() - has);
        left.put(backing, bytes);
        base -= bytes;
      } else if (whenUsed && backing.pageSize().isHuge()) {
        long bytes = Math.clamp(huge, 0, each.getValue());
        left.put(backing, bytes);
        huge -= bytes;
      }
    }
    return new MemoryDemand(left, whenUsed ? Math.max(0, base) : 0);
  }

  /** As the kernel names it, or as it was given if there is no such file yet. */
  private static String realPath(Backing backing) {
    Path path = Objects.requireNonNull(backing.path(), "a name").toAbsolutePath();
    try {
      return path.toRealPath().toString();
    } catch (IOException e) {
      return path.toString();
    }
  }

  private static boolean isTmpfs(Backing backing) {
    return backing.kind() == Backing.Kind.FILE && !backing.pageSize().isHuge();
  }

  /** 0 if there is no such process. The name, in parentheses, may contain anything. */
  private static long startTicks(long process, SystemFiles files) {
    return files
        .read("/proc/" + process + "/stat")
        .map(text -> text.substring(text.lastIndexOf(')') + 2).split(" ", -1))
        .map(fields -> Long.parseLong(fields[START_AFTER_NAME]))
        .orElse(0L);
  }
}
