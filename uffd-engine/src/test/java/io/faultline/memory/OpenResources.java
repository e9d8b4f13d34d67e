package io.faultline.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The resources of this process that a test could leak: descriptors of memory files and
 * userfaultfds, and mappings of memory files. Others are not counted, since the JVM opens and maps
 * files at any time.
 */
record OpenResources(long descriptors, long mappings) {
  static OpenResources now() throws IOException {
    long descriptors;
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      descriptors = files.filter(OpenResources::isOurs).count();
    }
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return new OpenResources(
          descriptors, lines.filter(line -> line.contains("faultline-")).count());
    }
  }

  private static boolean isOurs(Path link) {
    try {
      String target = Files.readSymbolicLink(link).toString();
      return target.contains("faultline-")
          || target.contains("userfaultfd")
          || target.endsWith("pagemap");
    } catch (IOException e) {
      return false; // closed after the directory was listed: not leaked
    }
  }
}
