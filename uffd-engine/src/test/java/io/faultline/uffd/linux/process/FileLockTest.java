package io.faultline.uffd.linux.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.SystemCallException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FileLockTest {
  private Path file;

  @BeforeEach
  void create() throws Exception {
    file = Files.createTempFile(Path.of("/dev/shm"), "faultline-lock", "");
  }

  @AfterEach
  void delete() throws Exception {
    Files.delete(file);
  }

  @Test
  void lockIsTakenOnceAndOutlivesOtherDescriptorsOfTheFile() throws Exception {
    try (FileLock lock = FileLock.take(file)) {
      assertThat(lock).isNotNull();
      Files.newByteChannel(file).close();
      assertThat(FileLock.take(file)).isNull();
    }
    try (FileLock lock = FileLock.take(file)) {
      assertThat(lock).isNotNull();
    }
  }

  @Test
  void lockOfAProcessEndsWithIt() throws Exception {
    Process owner =
        new ProcessBuilder(
                "flock", "--no-fork", file.toString(), "sh", "-c", "echo taken; exec sleep 60")
            .start();
    try (InputStream out = owner.getInputStream()) {
      assertThat(out.read()).isEqualTo('t');
      assertThat(FileLock.take(file)).isNull();
    } finally {
      owner.destroyForcibly().waitFor();
    }
    try (FileLock lock = FileLock.take(file)) {
      assertThat(lock).isNotNull();
    }
  }

  @Test
  void missingFileIsNotCreated() {
    Path missing = file.resolveSibling(file.getFileName() + "-missing");
    assertThatThrownBy(() -> FileLock.take(missing))
        .isInstanceOf(SystemCallException.class)
        .hasMessageContaining("ENOENT");
    assertThat(missing).doesNotExist();
  }
}
