package io.faultline.cli.report;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What this process has used of the machine. Of a node that is the migration and, at its end, the
 * vCPUs that ran meanwhile.
 *
 * @param cpu in all threads, user and system, the compiler and the collector among them; to 10 ms
 * @param collections of garbage
 */
public record ProcessUsage(Duration cpu, long collections) {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";

  /** What it has used until now. */
  public static ProcessUsage now() {
    return new ProcessUsage(
        ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO), collectionsNow());
  }

  /**
   * Adds what was used since, and the most memory that was ever resident, where the system tells.
   *
   * @param end source or destination
   */
  public void addSince(ObjectNode json, String end) {
    ProcessUsage now = now();
    SourceResult.putMs(part(json, "cpu_ms"), end, now.cpu.minus(cpu).toNanos());
    part(json, "collections").put(end, now.collections - collections);
    long peak = peakResidentBytes();
    if (peak > 0) {
      part(json, "peak_rss_bytes").put(end, peak);
    }
  }

  /** Collectors that pause several times for one collection count pauses apart. */
  private static long collectionsNow() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .filter(bean -> !bean.getName().endsWith("Pauses"))
        .mapToLong(bean -> Math.max(0, bean.getCollectionCount()))
        .sum();
  }

  /** The most bytes that were resident at a time, guest memory among them; 0 for not known. */
  private static long peakResidentBytes() {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    try {
      return peakResidentBytes(Files.readString(STATUS));
    } catch (IOException e) {
      return 0; // not worth a migration
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
    JsonNode there = json.get(key);
    return there instanceof ObjectNode object ? object : json.putObject(key);
  }
}
