package io.faultline.paging.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.paging.PagingException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {
  @TempDir Path directory;

  @BeforeEach
  void needsLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
  }

  @Test
  void pagesAreReadAsTheyWereWritten() throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileStore store = FileStore.open(directory.resolve("store"), 1 << 20)) {
      MemorySegment page = arena.allocate(8192, 4096);
      page.fill((byte) 9);
      store.write(4096, page, 4096, 4096);
      store.sync();
      page.fill((byte) 1);
      assertThat(store.read(4096, page, 0, 8192)).isEqualTo(8192);
      assertThat(page.get(ValueLayout.JAVA_BYTE, 4095)).isEqualTo((byte) 9);
      assertThat(page.get(ValueLayout.JAVA_BYTE, 4096)).isZero();
      store.discard(4096, 4096);
      store.read(4096, page, 0, 4096);
      assertThat(page.get(ValueLayout.JAVA_BYTE, 0)).isZero();
    }
  }

  @Test
  void shortFileReadsShortAndKeepsItsLength() throws IOException {
    Path file = directory.resolve("short");
    Files.write(file, new byte[4096 + 100]);
    try (Arena arena = Arena.ofConfined();
        FileStore store = FileStore.open(file)) {
      assertThat(store.sizeBytes()).isEqualTo(4196);
      MemorySegment page = arena.allocate(8192, 4096);
      assertThat(store.read(0, page, 0, 8192)).isEqualTo(4196);
      assertThat(store.read(4096, page, 0, 4096)).isEqualTo(100);
      page.fill((byte) 3);
      store.write(4096, page, 0, 100);
    }
    assertThat(Files.size(file)).isEqualTo(4196);
    assertThat(Files.readAllBytes(file)[4195]).isEqualTo((byte) 3);
  }

  @Test
  void newFileIsAHole() throws IOException {
    Path file = directory.resolve("sparse");
    try (FileStore store = FileStore.open(file, 1L << 40)) {
      assertThat(store.sizeBytes()).isEqualTo(1L << 40);
    } catch (IOException e) {
      assumeTrue(false, "the file system has no files of 1 TiB: " + e.getMessage());
    }
    assertThat(Files.size(file)).isEqualTo(1L << 40);
  }

  @Test
  void secondPagerOnTheSameFileIsRefused() throws IOException {
    Path file = directory.resolve("store");
    try (FileStore store = FileStore.open(file, 4096)) {
      assertThatThrownBy(() -> FileStore.open(file, 4096))
          .isInstanceOf(PagingException.class)
          .hasMessageStartingWith(file + " is in use by another pager of this process: close");
      assertThatThrownBy(() -> FileStore.openReadOnly(file)).hasMessageContaining("in use");
      assertThat(store.alignment()).isEqualTo(4096);
    }
    FileStore.open(file, 4096).close();
  }

  @Test
  void processThatUsesTheFileIsNamed() throws Exception {
    Path file = Files.createFile(directory.resolve("store"));
    Process holder =
        new ProcessBuilder("flock", "-F", file.toString(), "sh", "-c", "echo locked; exec cat")
            .start();
    try {
      assumeTrue(holder.inputReader().readLine() != null, "no flock(1)");
      assertThatThrownBy(() -> FileStore.open(file))
          .hasMessageContaining("another pager, process " + holder.pid() + " (");
    } finally {
      holder.destroyForcibly().waitFor();
    }
    FileStore.open(file).close();
  }

  @Test
  void readersShareAFileAndRefuseWriters() throws IOException {
    Path file = Files.write(directory.resolve("store"), new byte[8192]);
    try (Arena arena = Arena.ofConfined();
        FileStore store = FileStore.openReadOnly(file);
        FileStore other = FileStore.openReadOnly(file)) {
      assertThat(store.isReadOnly()).isTrue();
      assertThat(other.sizeBytes()).isEqualTo(8192);
      assertThatThrownBy(() -> FileStore.open(file)).hasMessageContaining("in use");
      MemorySegment page = arena.allocate(4096, 4096);
      assertThatThrownBy(() -> store.write(0, page, 0, 4096))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("EBADF");
    }
  }

  @Test
  void whatIsNoFileIsRefused() throws IOException {
    assertThatThrownBy(() -> FileStore.open(directory, 4096))
        .isInstanceOf(PagingException.class)
        .hasMessage(
            directory
                + " cannot be opened: EISDIR: it is a directory: name a file, or use sparse"
                + " files");
    assertThatThrownBy(() -> FileStore.open(directory.resolve("missing")))
        .hasMessageContaining("ENOENT: it does not exist");
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> FileStore.open(file.resolve("below")))
        .hasMessageContaining("ENOTDIR: a part of its path is no directory");
  }

  @Test
  void fileOfAnotherUserIsRefused() throws Exception {
    Path file = Files.createFile(directory.resolve("store"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    try (OtherUser user = OtherUser.become()) {
      assertThat(user).isNotNull();
      assertThatThrownBy(() -> FileStore.open(file))
          .isInstanceOf(PagingException.class)
          .hasMessageContaining("EACCES: this user may not: change its permissions");
    }
  }

  @Test
  void blockDeviceHasItsLength() throws Exception {
    Path file = Files.write(directory.resolve("device"), new byte[1 << 20]);
    try (LoopDevice device = LoopDevice.over(file);
        Arena arena = Arena.ofConfined();
        FileStore store = FileStore.open(device.path(), 1 << 20)) {
      assertThat(store.sizeBytes()).isEqualTo(1 << 20);
      MemorySegment page = arena.allocate(4096, 4096);
      page.fill((byte) 9);
      store.write(8192, page, 0, 4096);
      store.sync();
      assertThat(store.read((1 << 20) - 4096, page, 0, 4096)).isEqualTo(4096);
      store.read(8192, page, 0, 4096);
      assertThat(page.get(ValueLayout.JAVA_BYTE, 4095)).isEqualTo((byte) 9);
      store.discard(8192, 4096);
      store.read(8192, page, 0, 4096);
      assertThat(page.get(ValueLayout.JAVA_BYTE, 4095)).isZero();
    }
    try (LoopDevice device = LoopDevice.over(file)) {
      assertThatThrownBy(() -> FileStore.open(device.path(), 2 << 20))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(device.path() + " of 1048576 bytes cannot have 2097152");
    }
  }

  @Test
  void fullDiskIsAnErrorThatNamesIt() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "no /dev/full");
    try (Arena arena = Arena.ofConfined();
        FileStore store = FileStore.open(full)) {
      MemorySegment page = arena.allocate(4096, 4096);
      assertThatThrownBy(() -> store.write(0, page, 0, 4096))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("ENOSPC");
    }
  }
}
