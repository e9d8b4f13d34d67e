package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** File systems that tests mount, each on a directory of its own. */
final class Mounts {
  private Mounts() {}

  /**
   * Mounts one; skips the test where this user may not.
   *
   * @param directory is made
   * @param options as mount takes them
   */
  static void mount(Path directory, String type, String options) throws IOException {
    String problem = tryMount(directory, type, options);
    assumeTrue(problem.isEmpty(), "no " + type + " can be mounted: root may; " + problem);
  }

  /** Returns why it cannot be, or "". */
  static String tryMount(Path directory, String type, String options) throws IOException {
    Files.createDirectory(directory);
    String problem = Shell.run("mount", "-t", type, "-o", options, "none", directory.toString());
    if (!problem.isEmpty()) {
      Files.delete(directory);
    }
    return problem;
  }

  /** Takes it away, with its directory. */
  static void unmount(Path directory) throws IOException {
    assertThat(Shell.run("umount", directory.toString())).isEmpty();
    Files.delete(directory);
  }
}
