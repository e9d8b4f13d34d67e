package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A hugetlbfs of 2 MiB pages, mounted while this is open. */
record HugeFileSystem(Path directory) implements AutoCloseable {
  /**
   * Mounts one; skips the test where this user may not.
   *
   * @param directory is made, and removed when this is closed
   * @param sizeMib the most that it holds
   */
  static HugeFileSystem mount(Path directory, long sizeMib)
      throws IOException, InterruptedException {
    Files.createDirectory(directory);
    String options = "pagesize=2M,size=" + sizeMib + "M";
    int exit = run("mount", "-t", "hugetlbfs", "-o", options, "none", directory.toString());
    if (exit != 0) {
      Files.delete(directory);
    }
    assumeTrue(exit == 0, "no hugetlbfs can be mounted: root may");
    return new HugeFileSystem(directory);
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  @Override
  public void close() throws IOException {
    try {
      assertThat(run("umount", directory.toString())).as("exit code of umount").isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Files.delete(directory);
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
  }
}
