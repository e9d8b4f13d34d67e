package io.faultline.paging.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A block device over a file, until it is closed. */
record LoopDevice(Path path) implements AutoCloseable {
  /** Attaches one; skips the test if this machine or user cannot. */
  static LoopDevice over(Path file) throws IOException, InterruptedException {
    String path;
    try {
      Process process =
          new ProcessBuilder("losetup", "--find", "--show", file.toString())
              .redirectErrorStream(true)
              .start();
      path = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      assumeTrue(process.waitFor() == 0, path);
    } catch (IOException e) {
      assumeTrue(false, e.getMessage());
      throw e;
    }
    return new LoopDevice(Path.of(path));
  }

  @Override
  public void close() throws IOException {
    Process process = new ProcessBuilder("losetup", "--detach", path.toString()).start();
    assertThat(process.onExit().join().exitValue()).as("losetup --detach").isZero();
  }
}
