package io.faultline.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ScratchDirectoryTest {
  @Test
  void closeDeletesTheDirectoryWithItsFiles() throws Exception {
    Path directory;
    try (ScratchDirectory scratch = new ScratchDirectory("faultline-test")) {
      directory = scratch.directory();
      Files.writeString(Files.createDirectory(directory.resolve("sub")).resolve("file"), "text");
      assertThat(directory.resolve("sub/file")).exists();
    }
    assertThat(directory).doesNotExist();
  }
}
