package io.faultline.tests.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A build of umap, which is LGPL and not part of this project: {@code -Dfaultline.umap=DIR}. */
final class UmapBuilds {
  private static final String PROPERTY = "faultline.umap";

  private UmapBuilds() {}

  /** The directory; skips the test without it. */
  static Path given() {
    String build = System.getProperty(PROPERTY, "");
    assumeTrue(!build.isEmpty(), "-D" + PROPERTY + "=DIR does not name a build of umap");
    return Path.of(build).toAbsolutePath();
  }

  /** One of its programs; skips the test without the directory. */
  static Path program(String name) throws IOException {
    try (Stream<Path> walk = Files.walk(given())) {
      return walk.filter(each -> each.endsWith(name) && Files.isRegularFile(each))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no " + name + " in " + given()));
    }
  }
}
