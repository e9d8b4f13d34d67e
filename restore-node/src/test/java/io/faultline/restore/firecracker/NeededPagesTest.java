package io.faultline.restore.firecracker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NeededPagesTest {
  private static final int PAGES = 256;

  @TempDir private Path directory;

  @Test
  void faultsOfOneVmAreExpectedOfTheNext() throws IOException {
    Path memory = Files.write(directory.resolve("memory"), new byte[PAGES * 4096]);
    List<String> log = new ArrayList<>();
    NeededPages first = NeededPages.beside(memory, PAGES, log::add);
    assertThat(first.expected().count()).isZero();
    first.faulted(3, 4);
    first.faulted(100, 132);
    first.record();
    NeededPages second = NeededPages.beside(memory, PAGES, log::add);
    assertThat(second.expected().count()).isEqualTo(33);
    assertThat(second.expected().isFull(100, 132)).isTrue();
    assertThat(log).isEmpty();
  }

  @Test
  void setOfAnotherMemoryFileIsNotUsed() throws IOException {
    Path memory = Files.write(directory.resolve("memory"), new byte[PAGES * 4096]);
    List<String> log = new ArrayList<>();
    NeededPages first = NeededPages.beside(memory, PAGES, log::add);
    first.faulted(3, 4);
    first.record();
    Files.delete(memory);
    Files.write(memory, new byte[2 * PAGES * 4096]);
    assertThat(NeededPages.beside(memory, 2 * PAGES, log::add).expected().count()).isZero();
    assertThat(log).hasSize(1);
  }
}
