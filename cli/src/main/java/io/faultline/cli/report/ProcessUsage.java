package io.faultline.cli.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import tools.jackson.databind.node.ObjectNode;

/**
 * Resources that this process has used. For a node, that includes vCPUs that ran in it.
 *
 * @param cpu user and system time of all threads, including the compiler and the collector; the
 *     resolution is 10 ms
 * @param collections number of garbage collections
 */
public record ProcessUsage(Duration cpu, long collections) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";

  /** The usage until now. */
  public static ProcessUsage now() {
    return new ProcessUsage(
        ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO), collectionsNow());
  }

  /**
   * Adds the usage since this one, and the peak resident memory if the system reports it.
   *
   * @param side source or destination
   */
  public void addSince(ObjectNode json, String side) {
    ProcessUsage now = now();
    JsonNumbers.putMs(part(json, "cpu_ms"), side, now.cpu.minus(cpu).toNanos());
    part(json, "collections").put(side, now.collections - collections);
    long peak = peakResidentBytes();
    if (peak > 0) {
      part(json, "peak_rss_bytes").put(side, peak);
    }
  }

  /** Leaves out the beans of ZGC and Shenandoah that count the pauses of a collection. */
  private static long collectionsNow() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .filter(bean -> !bean.getName().endsWith("Pauses"))
        .mapToLong(bean -> Math.max(0, bean.getCollectionCount()))
        .sum();
  }

  /** Peak resident bytes, including guest memory; 0 if not known. */
  private static long peakResidentBytes() {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    try {
      return peakResidentBytes(Files.readString(STATUS));
    } catch (IOException e) {
      return 0; // not a reason to fail
    }
  }

  static long peakResidentBytes(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith(PEAK) && line.endsWith(" kB"))
        .map(line -> line.substring(PEAK.length(), line.length() - " kB".length()).strip())
        .mapToLong(kibibytes -> Long.parseLong(kibibytes) << 10)
        .findFirst()
        .orElse(0);
  }

  private static ObjectNode part(ObjectNode json, String key) {
    return json.get(key) instanceof ObjectNode existing ? existing : json.putObject(key);
  }
}
