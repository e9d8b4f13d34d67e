package io.faultline.cli.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.linux.process.FileLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RamDirectoryTest {
  @TempDir private Path place;
  private Backing backing;

  @BeforeEach
  void choose() {
    backing = Backing.file(place.resolve("ram"), PageSize.BASE);
  }

  @Test
  void filesGoWithTheDirectory() throws Exception {
    try (RamDirectory ram = RamDirectory.create(backing)) {
      Files.writeString(ram.file("source.ram"), "ram");
      assertThat(ram.file("source.ram").startsWith(place)).isTrue();
    }
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void directoryOfAProcessThatWasKilledIsRemovedByTheNext() throws Exception {
    Path left = leave("1");
    Path inUse = leave("2");
    Path others = Files.createDirectory(place.resolve("other"));
    Path link = Files.createSymbolicLink(place.resolve(RamDirectory.PREFIX + "3"), others);
    Files.writeString(others.resolve("kept"), "not ours");
    try (FileLock _ = FileLock.take(inUse);
        RamDirectory ram = RamDirectory.create(backing)) {
      Files.writeString(ram.file("source.ram"), "ram");
      assertThat(left).doesNotExist();
      assertThat(inUse.resolve("source.ram")).exists();
      assertThat(others.resolve("kept")).exists();
      try (RamDirectory _ = RamDirectory.create(backing)) {
        assertThat(ram.file("source.ram")).exists();
      }
    }
    try (Stream<Path> rest = Files.list(place)) {
      assertThat(rest).containsExactlyInAnyOrder(inUse, others, link);
    }
  }

  private Path leave(String name) throws IOException {
    Path directory = Files.createDirectory(place.resolve(RamDirectory.PREFIX + name));
    Files.writeString(directory.resolve("source.ram"), "ram");
    return directory;
  }
}
