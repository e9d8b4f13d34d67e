package io.faultline.tests.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The packaged command line, found from where the tests run. */
final class Jar {
  private static final String MODULE = "cli";

  private Jar() {}

  /**
   * The jar.
   *
   * @throws IllegalStateException where it is not built, with the remedy
   */
  static Path find() {
    Path target = root().resolve(MODULE).resolve("target");
    List<Path> jars = List.of();
    if (Files.isDirectory(target)) {
      try (Stream<Path> files = Files.list(target)) {
        jars = files.filter(file -> isJar(file.getFileName().toString())).toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    if (jars.size() != 1) {
      throw new IllegalStateException(
          "one " + MODULE + "-*.jar is needed in " + target + ", found " + jars + "; mvn package");
    }
    return jars.getFirst();
  }

  /** The Java of this JVM. */
  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  private static boolean isJar(String name) {
    return name.startsWith(MODULE + "-")
        && name.endsWith(".jar")
        && !name.endsWith("-sources.jar")
        && !name.endsWith("-javadoc.jar");
  }

  private static Path root() {
    Path working = Path.of("").toAbsolutePath();
    for (Path at = working; at != null; at = at.getParent()) {
      if (Files.exists(at.resolve("pom.xml")) && Files.isDirectory(at.resolve(MODULE))) {
        return at;
      }
    }
    throw new IllegalStateException("the project is not found above " + working);
  }
}
