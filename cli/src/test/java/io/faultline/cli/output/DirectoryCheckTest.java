package io.faultline.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.cli.options.UsageException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryCheckTest {
  @TempDir private Path directory;

  @Test
  void nothingStaysInTheDirectory() {
    DirectoryCheck.require("--state", directory);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void directoryInWhichNoFileCanBeCreatedIsRefused() {
    assertThatThrownBy(() -> DirectoryCheck.require("--state", Path.of("/proc")))
        .isInstanceOf(UsageException.class)
        .hasMessage(
            "--state /proc: no file can be created there; free some space, or name another");
  }
}
