package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A tmpfs of a few pages, mounted until this is closed. */
record SmallDisk(Path directory) implements AutoCloseable {
  /**
   * Mounts one; skips the test if this user may not.
   *
   * @param directory created here, and removed when this is closed
   * @param size as for the mount option
   */
  static SmallDisk mount(Path directory, String size) throws IOException {
    Mounts.mount(directory, "tmpfs", "size=" + size);
    return new SmallDisk(directory);
  }

  /** Whether this user may mount one. */
  static boolean canMount(Path directory) throws IOException {
    boolean can = Mounts.tryMount(directory, "tmpfs", "size=4k").isEmpty();
    if (can) {
      Mounts.unmount(directory);
    }
    return can;
  }

  /** Whether {@link #fill} has filled it. */
  boolean isFull() {
    return Files.exists(filler());
  }

  /** Frees the space again. */
  void clear() throws IOException {
    Files.delete(filler());
  }

  private Path filler() {
    return directory.resolve("filler");
  }

  /** Fills it. */
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
    Mounts.unmount(directory);
  }
}
