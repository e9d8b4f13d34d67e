package io.faultline.snapshot.file;

import static io.faultline.snapshot.file.SnapshotSample.PAGE;
import static io.faultline.snapshot.file.SnapshotSample.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotFileTest {
  @TempDir Path directory;

  private Path path;
  private byte[] whole;

  @BeforeEach
  void write() throws IOException {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    path = directory.resolve("vm.snap");
    SnapshotSample.write(path);
    whole = Files.readAllBytes(path);
  }

  @Test
  void readsWhatWasWritten() throws IOException {
    try (SnapshotFile file = SnapshotFile.open(path);
        SnapshotReader reader = new SnapshotReader(file)) {
      assertThat(file.vm()).isEqualTo(VM);
      assertThat(file.base()).isEmpty();
      assertThat(file.pageBytes()).isEqualTo(PAGE);
      assertThat(file.dataBytes()).isEqualTo(30L * PAGE);
      PageRuns runs = file.runs(0);
      assertThat(runs.count()).as("0..9, zeros 10..19, 20..39").isEqualTo(3);
      assertThat(runs.isData(1)).isFalse();
      for (long page = 0; page < 40; page++) {
        int run = runs.runOf(page);
        assertThat(run).isEqualTo(page < 10 ? 0 : page < 20 ? 1 : 2);
        if (runs.isData(run)) {
          long offset = runs.fileOffset(run) + (page - runs.firstPage(run)) * PAGE;
          MemorySegment data = reader.read(offset, PAGE);
          assertThat(data.address() % PAGE).isZero();
          assertThat(data.get(ValueLayout.JAVA_BYTE, PAGE - 1)).isEqualTo((byte) (1 + page));
        }
      }
      assertThat(file.runs(1).fileOffset(0)).isEqualTo(PageRuns.ZERO);
    }
    assertThat(Files.exists(directory.resolve("vm.snap.new"))).isFalse();
  }

  @Test
  void aFileThatWasCutOffAnywhereIsRefused() throws IOException {
    for (int length = 0; length < whole.length; length += length < 4200 ? 7 : 97) {
      refuses(Arrays.copyOf(whole, length), "length " + length);
    }
    refuses(Arrays.copyOf(whole, whole.length - 1), "without the last byte");
    refuses(Arrays.copyOf(whole, whole.length + 1), "with one more byte");
  }

  @Test
  void everyChangedByteOutsideOfTheDataIsFoundOnOpening() throws IOException {
    long dataStart;
    try (SnapshotFile file = SnapshotFile.open(path)) {
      dataStart = file.dataOffset();
    }
    for (int at = 0; at < whole.length; at++) {
      if (at < dataStart || at >= dataStart + 30 * PAGE) {
        byte[] changed = whole.clone();
        changed[at] ^= (byte) (1 << at % 8);
        refuses(changed, "byte " + at);
      }
    }
  }

  @Test
  void aChangedByteOfTheDataIsFoundOnReadingIt() throws IOException {
    try (SnapshotFile file = SnapshotFile.open(path)) {
      byte[] changed = whole.clone();
      changed[(int) file.dataOffset() + 70_000] ^= 1;
      Files.write(path, changed);
    }
    try (SnapshotFile file = SnapshotFile.open(path);
        SnapshotReader reader = new SnapshotReader(file)) {
      assertThat(reader.read(file.dataOffset(), 64 << 10).byteSize()).isEqualTo(64 << 10);
      assertThatThrownBy(() -> reader.read(file.dataOffset() + (28 * PAGE), PAGE))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContainingAll("vm.snap", "checksum of the data at offset");
    }
  }

  /** With correct checksums, what the sections say is checked nevertheless. */
  @Test
  void numbersThatPointOutOfTheFileAreRefused() throws IOException {
    int index = (int) indexOffset();
    for (int word = 0; word < 11; word++) {
      for (long value : new long[] {-1, 2, 7, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE}) {
        byte[] changed = whole.clone();
        ByteBuffer bytes = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.getLong(index + 8 * word) != value) {
          bytes.putLong(index + 8 * word, value);
          refuses(withChecksums(bytes, index), "word " + word + " = " + value);
        }
      }
    }
  }

  private long indexOffset() throws IOException {
    try (SnapshotFile file = SnapshotFile.open(path)) {
      return file.dataOffset() + file.dataBytes();
    }
  }

  private static byte[] withChecksums(ByteBuffer bytes, int index) {
    int trailer = bytes.capacity() - SnapshotTrailer.SIZE_BYTES;
    bytes.putInt(trailer + 44, Checksum.of(bytes.slice(index, trailer - index)));
    bytes.putInt(trailer + 72, Checksum.of(bytes.slice(trailer, 72)));
    byte[] all = new byte[bytes.capacity()];
    bytes.get(0, all);
    return all;
  }

  private void refuses(byte[] contents, String what) throws IOException {
    Files.write(path, contents);
    assertThatThrownBy(() -> SnapshotFile.open(path).close())
        .as(what)
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("vm.snap");
  }
}
