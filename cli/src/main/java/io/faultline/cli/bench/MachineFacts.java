package io.faultline.cli.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The machine and the software of a measurement, as far as they matter for reproducing it. */
final class MachineFacts {
  private MachineFacts() {}

  /** Facts that do not change during a run, human-readable, in order. */
  static Map<String, String> describe() throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    String version = MachineFacts.class.getPackage().getImplementationVersion();
    facts.put("Faultline", version == null ? "(not from a jar)" : version);
    facts.put("Java", Runtime.version() + ", " + System.getProperty("java.vm.name"));
    facts.put(
        "JVM flags", String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
    facts.put("Kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put(
        "CPU",
        Runtime.getRuntime().availableProcessors()
            + " x "
            + field("/proc/cpuinfo", "model name", System.getProperty("os.arch")));
    facts.put("Memory", field("/proc/meminfo", "MemTotal", "unknown"));
    facts.put("THP", read("/sys/kernel/mm/transparent_hugepage/enabled"));
    return facts;
  }

  /** Load averages and the number of running tasks: how busy the machine is otherwise. */
  static String load() throws IOException {
    return read("/proc/loadavg");
  }

  /** The first value of a key in a file; {@code otherwise} if there is none. */
  private static String field(String file, String key, String otherwise) throws IOException {
    return read(file)
        .lines()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(otherwise);
  }

  private static String read(String file) throws IOException {
    Path path = Path.of(file);
    return Files.isReadable(path) ? Files.readString(path).strip() : "unknown";
  }
}
