package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Mounts file systems for tests, each on a directory of its own. */
final class Mounts {
  private Mounts() {}

  /**
   * Mounts one; skips the test if this user may not.
   *
   * @param directory created here
   * @param options as for mount -o
   */
  static void mount(Path directory, String type, String options) throws IOException {
    String problem = tryMount(directory, type, options);
    assumeTrue(problem.isEmpty(), "mounting " + type + " needs root: " + problem);
  }

  /** Mounts one, or returns why it cannot be mounted. */
  static String tryMount(Path directory, String type, String options) throws IOException {
    Files.createDirectory(directory);
    String problem = Shell.run("mount", "-t", type, "-o", options, "none", directory.toString());
    if (!problem.isEmpty()) {
      Files.delete(directory);
    }
    return problem;
  }

  /** Unmounts it and deletes the directory. */
  static void unmount(Path directory) throws IOException {
    assertThat(Shell.run("umount", directory.toString())).isEmpty();
    Files.delete(directory);
  }
}
