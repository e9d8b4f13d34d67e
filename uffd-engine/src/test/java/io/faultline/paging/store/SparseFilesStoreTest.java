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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseFilesStoreTest {
  private static final long PAGE = 4096;
  private static final long FILE = 4 * PAGE;
  private static final long SIZE = 18 * PAGE + 100;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment pages = arena.allocate(8 * PAGE, PAGE);

  @TempDir Path directory;

  @BeforeEach
  void needsLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
  }

  @AfterEach
  void free() {
    arena.close();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void fill(SparseFilesStore store, long offset, long length, int value)
      throws IOException {
    pages.fill((byte) value);
    store.write(offset, pages, 0, length);
  }

  private byte at(SparseFilesStore store, long offset) throws IOException {
    pages.fill((byte) -1);
    long start = offset / PAGE * PAGE;
    assertThat(store.read(start, pages, 0, PAGE)).isEqualTo(Math.min(PAGE, SIZE - start));
    return pages.get(ValueLayout.JAVA_BYTE, offset - start);
  }

  @Test
  void filesAreMadeByTheFirstWriteAndKeepTheirContents() throws IOException {
    try (SparseFilesStore store = SparseFilesStore.open(directory, SIZE, FILE)) {
      assertThat(files()).containsExactly("faultline-store");
      assertThat(at(store, 9 * PAGE)).isZero();
      assertThat(files()).as("a read makes no file").hasSize(1);
      fill(store, 6 * PAGE, 4 * PAGE, 7); // in two files
      assertThat(files()).containsExactly("0001.part", "0002.part", "faultline-store");
      assertThat(Files.size(directory.resolve("0002.part"))).isEqualTo(FILE);
      store.sync();
    }
    try (SparseFilesStore store = SparseFilesStore.open(directory)) {
      assertThat(store.sizeBytes()).isEqualTo(SIZE);
      pages.fill((byte) -1);
      assertThat(store.read(5 * PAGE, pages, 0, 8 * PAGE)).isEqualTo(8 * PAGE);
      for (int page = 0; page < 8; page++) {
        byte expected = (byte) (page >= 1 && page < 5 ? 7 : 0);
        assertThat(pages.get(ValueLayout.JAVA_BYTE, page * PAGE)).isEqualTo(expected);
        assertThat(pages.get(ValueLayout.JAVA_BYTE, page * PAGE + 4095)).isEqualTo(expected);
      }
      store.discard(7 * PAGE, 2 * PAGE);
      assertThat(at(store, 6 * PAGE)).isEqualTo((byte) 7);
      assertThat(at(store, 7 * PAGE)).isZero();
      assertThat(at(store, 8 * PAGE)).isZero();
      assertThat(at(store, 9 * PAGE)).isEqualTo((byte) 7);
    }
  }

  @Test
  void endIsThatOfTheStoreNotOfTheLastFile() throws IOException {
    try (SparseFilesStore store = SparseFilesStore.open(directory, SIZE, FILE)) {
      fill(store, 18 * PAGE, 100, 5);
      assertThat(store.read(17 * PAGE, pages, 0, 2 * PAGE)).isEqualTo(PAGE + 100);
      assertThat(store.read(20 * PAGE, pages, 0, PAGE)).isZero();
      assertThatThrownBy(() -> store.write(18 * PAGE, pages, 0, 101))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void otherSizesThanThoseOfTheStoreAreRefused() throws IOException {
    SparseFilesStore.open(directory, SIZE, FILE).close();
    assertThatThrownBy(() -> SparseFilesStore.open(directory, SIZE + PAGE, FILE))
        .isInstanceOf(PagingException.class)
        .hasMessageContaining("has a store of " + SIZE + " bytes in files of " + FILE);
    SparseFilesStore.open(directory, SIZE, FILE).close(); // the refused one has closed it
    assertThatThrownBy(() -> SparseFilesStore.open(directory, SIZE, 100))
        .hasMessageContaining("must be a multiple of 4096");
    assertThatThrownBy(() -> SparseFilesStore.open(directory, 1L << 40, PAGE))
        .hasMessageContaining("so make them at least 268435456");
  }

  @Test
  void damageIsFoundWhenItIsOpened() throws IOException {
    try (SparseFilesStore store = SparseFilesStore.open(directory, SIZE, FILE)) {
      fill(store, 0, PAGE, 1);
    }
    Files.write(directory.resolve("0000.part"), new byte[100]);
    assertThatThrownBy(() -> SparseFilesStore.open(directory))
        .isInstanceOf(PagingException.class)
        .hasMessageContaining("0000.part has 100 bytes, not 16384: it is damaged");
    Files.writeString(directory.resolve("faultline-store"), "version=1\nsize_bytes=many\n");
    assertThatThrownBy(() -> SparseFilesStore.open(directory))
        .hasMessageContaining("faultline-store is damaged: size_bytes is many, not a number");
    Files.delete(directory.resolve("faultline-store"));
    assertThatThrownBy(() -> SparseFilesStore.open(directory))
        .isInstanceOf(PagingException.class)
        .hasMessageContaining("faultline-store cannot be opened: ENOENT");
  }

  /** A crash between the making of a file and its first write. */
  @Test
  void fileThatWasJustMadeIsZeros() throws IOException {
    SparseFilesStore.open(directory, SIZE, FILE).close();
    Files.createFile(directory.resolve("0001.part"));
    try (SparseFilesStore store = SparseFilesStore.open(directory)) {
      assertThat(at(store, 5 * PAGE)).isZero();
      assertThat(Files.size(directory.resolve("0001.part"))).isEqualTo(FILE);
    }
  }

  @Test
  void secondPagerIsRefusedAndReadersShare() throws IOException {
    try (SparseFilesStore store = SparseFilesStore.open(directory, SIZE, FILE)) {
      fill(store, 0, PAGE, 3);
      assertThatThrownBy(() -> SparseFilesStore.open(directory))
          .hasMessageContaining("in use by another pager of this process");
    }
    try (SparseFilesStore store = SparseFilesStore.openReadOnly(directory);
        SparseFilesStore other = SparseFilesStore.openReadOnly(directory)) {
      assertThat(store.isReadOnly()).isTrue();
      assertThat(at(other, 0)).isEqualTo((byte) 3);
    }
  }
}
