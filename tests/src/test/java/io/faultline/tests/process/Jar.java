package io.faultline.tests.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The jar of the command line, found from the directory in which tests run. */
public final class Jar {
  private static final String MODULE = "cli";

  private Jar() {}

  /**
   * The jar.
   *
   * @throws IllegalStateException if it has not been built
   */
  public static Path find() {
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
          "expected one "
              + MODULE
              + "-*.jar in "
              + target
              + ", found "
              + jars
              + "; run mvn package");
    }
    return jars.getFirst();
  }

  /** The java command of this JVM. */
  public static Path java() {
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
    throw new IllegalStateException("no project in or above " + working);
  }
}
