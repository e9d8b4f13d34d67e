package io.faultline.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process holds that a test could leak: descriptors of memory and of userfaultfd, and
 * mappings of memory files. The JVM opens files and maps memory of its own at any time, so only
 * those are counted.
 */
record Leaks(long descriptors, long mappings) {
  static Leaks now() throws IOException {
    long descriptors;
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      descriptors = files.filter(Leaks::isOurs).count();
    }
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return new Leaks(descriptors, lines.filter(line -> line.contains("faultline-")).count());
    }
  }

  private static boolean isOurs(Path link) {
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.contains("faultline-")
          || target.contains("userfaultfd")
          || target.endsWith("pagemap");
    } catch (IOException e) {
      return false; // closed since the directory was listed: not leaked
    }
  }
}
