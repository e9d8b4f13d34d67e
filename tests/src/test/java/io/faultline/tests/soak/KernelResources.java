package io.faultline.tests.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The kernel resources that this process holds.
 *
 * @param descriptors open files, counted by kind; files on disk are left out, since the JVM opens
 *     jars when it loads classes
 * @param mappings lines of /proc/self/maps
 * @param memoryFiles mappings of anonymous memory files (memfd)
 * @param mappedBytes size of all mappings together
 * @param threads names of the Java threads that Faultline started
 * @param kernelThreads number of all threads, including those of the JVM
 */
record KernelResources(
    Map<String, Integer> descriptors,
    int mappings,
    int memoryFiles,
    long mappedBytes,
    List<String> threads,
    int kernelThreads) {
  private static final Path SELF = Path.of("/proc/self");

  static KernelResources take() throws IOException {
    List<String> maps = Files.readAllLines(SELF.resolve("maps"));
    return new KernelResources(
        openDescriptors(),
        maps.size(),
        (int) maps.stream().filter(line -> line.contains("memfd:")).count(),
        maps.stream().mapToLong(KernelResources::bytes).sum(),
        ourThreads(),
        list(SELF.resolve("task")).size());
  }

  private static Map<String, Integer> openDescriptors() throws IOException {
    Map<String, Integer> kinds = new TreeMap<>();
    for (Path fd : list(SELF.resolve("fd"))) {
      String kind = kind(fd);
      if (!kind.startsWith("/")
          || kind.equals("/dev/kvm")
          || kind.startsWith("/memfd:")
          || kind.startsWith("/proc/")) {
        kinds.merge(kind, 1, Integer::sum);
      }
    }
    kinds.remove("");
    return kinds;
  }

  /**
   * {@code socket}, {@code anon_inode:[userfaultfd]} or a path; empty if the file has been closed
   * in the meantime.
   */
  private static String kind(Path fd) throws IOException {
    try {
      String target = Files.readSymbolicLink(fd).toString();
      if (target.startsWith("/proc/")) {
        // The directory being listed is open too; it is no leak.
        return target.endsWith("/fd") ? "" : target.replaceAll("\\d+", "N");
      }
      return target.replaceFirst("^(socket|pipe):\\[\\d+]$", "$1");
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static long bytes(String line) {
    String[] range = line.substring(0, line.indexOf(' ')).split("-", -1);
    return Long.parseUnsignedLong(range[1], 16) - Long.parseUnsignedLong(range[0], 16);
  }

  private static List<String> ourThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.matches("(faultline-|vcpu-|kvm-).*"))
        .sorted()
        .toList();
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
