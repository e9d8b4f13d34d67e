package io.faultline.snapshot.file;

import static io.faultline.snapshot.file.SnapshotSample.PAGE;
import static io.faultline.snapshot.file.SnapshotSample.VM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotWriterTest {
  @TempDir Path directory;

  private Path path;
  private Path fresh;

  @BeforeEach
  void setUp() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    path = directory.resolve("vm.snap");
    fresh = directory.resolve("vm.snap.new");
  }

  @Test
  void untilItIsFinishedNothingHasItsName() throws IOException {
    try (SnapshotWriter writer = SnapshotWriter.create(path, PAGE)) {
      SnapshotSample.writeAll(writer);
      assertThat(path).doesNotExist();
      refused(fresh);
      writer.finish();
      assertThat(path).exists();
    }
    assertThat(fresh).doesNotExist();
  }

  @Test
  void aWriterThatIsClosedLeavesNoFileAndTheOldSnapshot() throws IOException {
    SnapshotSample.write(path);
    byte[] old = Files.readAllBytes(path);
    try (SnapshotWriter writer = SnapshotWriter.create(path, PAGE)) {
      SnapshotSample.writeAll(writer);
    }
    assertThat(fresh).doesNotExist();
    assertThat(Files.readAllBytes(path)).isEqualTo(old);
  }

  /** What a killed process leaves, after any write: never whole, and removed by the next. */
  @Test
  void aFileThatWasLeftIsReplaced() throws IOException {
    SnapshotSample.write(path);
    byte[] whole = Files.readAllBytes(path);
    Files.delete(path);
    for (int length : new int[] {0, PAGE, 3 * PAGE, whole.length - SnapshotTrailer.SIZE_BYTES}) {
      Files.write(fresh, Arrays.copyOf(whole, length));
      refused(fresh);
      SnapshotSample.write(path);
      SnapshotFile.open(path).close();
      assertThat(fresh).doesNotExist();
    }
  }

  @Test
  void twoWritersOfOneFileAreRefused() throws IOException {
    try (SnapshotWriter writer = SnapshotWriter.create(path, PAGE)) {
      assertThatThrownBy(() -> SnapshotWriter.create(path, PAGE))
          .isInstanceOf(SnapshotException.class)
          .hasMessageContaining("vm.snap.new is being written");
      SnapshotSample.writeAll(writer);
      writer.finish();
    }
    SnapshotFile.open(path).close();
  }

  @Test
  void aMissingDirectoryIsNamed() {
    assertThatThrownBy(() -> SnapshotWriter.create(directory.resolve("no/vm.snap"), PAGE))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("its directory does not exist");
    assertThatThrownBy(() -> SnapshotWriter.create(directory, PAGE))
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("is a directory");
  }

  @Test
  void pagesWithoutAPlaceOrWithTwoAreNoticed() throws IOException {
    try (SnapshotWriter writer = SnapshotWriter.create(path, PAGE)) {
      writer.begin(VM);
      writer.place(1, 0, 2, PageRuns.ZERO);
      writer.place(0, 0, 20, PageRuns.ZERO);
      writer.place(0, 21, 19, PageRuns.ZERO);
      assertThatThrownBy(writer::finish)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("region ram: page 20 is missing");
      writer.place(0, 19, 2, PageRuns.ZERO);
      assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
    }
    assertThat(path).doesNotExist();
  }

  private static void refused(Path file) {
    assertThatThrownBy(() -> SnapshotFile.open(file).close())
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("is not a whole snapshot");
  }
}
