package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file system of a few pages, mounted while this is open. */
record SmallDisk(Path directory) implements AutoCloseable {
  /**
   * Mounts one; skips the test where this user may not.
   *
   * @param directory is made, and removed when this is closed
   * @param size as mount takes it
   */
  static SmallDisk mount(Path directory, String size) throws IOException, InterruptedException {
    Files.createDirectory(directory);
    int exit = run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", directory.toString());
    if (exit != 0) {
      Files.delete(directory);
    }
    assumeTrue(exit == 0, "no file system can be mounted: root may");
    return new SmallDisk(directory);
  }

  /** Whether this user may mount one. */
  static boolean canMount(Path directory) throws IOException, InterruptedException {
    Files.createDirectory(directory);
    boolean can = run("mount", "-t", "tmpfs", "tmpfs", directory.toString()) == 0;
    if (can) {
      assertThat(run("umount", directory.toString())).as("exit code of umount").isZero();
    }
    Files.delete(directory);
    return can;
  }

  /** Whether {@link #fill} left no room. */
  boolean isFull() {
    return Files.exists(filler());
  }

  /** There is room again. */
  void clear() throws IOException {
    Files.delete(filler());
  }

  private Path filler() {
    return directory.resolve("filler");
  }

  /** Leaves no room. */
  void fill() throws IOException {
    byte[] page = new byte[4096];
    try (OutputStream file =
        Files.newOutputStream(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        file.write(page);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
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
