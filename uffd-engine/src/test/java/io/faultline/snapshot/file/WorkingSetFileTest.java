package io.faultline.snapshot.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.PageBitmap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkingSetFileTest {
  private static final SnapshotId ID = new SnapshotId(5, 6);
  private static final List<Long> REGIONS = List.of(500L, 70L);

  @TempDir private Path directory;

  private final List<String> log = new ArrayList<>();

  @Test
  void whatIsRecordedIsRead() {
    record(3, 4, 100, 164);
    record(10, 11, 120, 130);
    WorkingSet set = file(ID).read(log::add);
    assertThat(log).isEmpty();
    assertThat(set.pageCount()).isEqualTo(3 + 64);
    for (PageBitmap each : set.pages()) {
      assertThat(each.get(3)).isTrue();
      assertThat(each.get(10)).isEqualTo(each.pageCount() > 100);
    }
    assertThat(set.pages().getFirst().isFull(100, 164)).isTrue();
    assertThat(directory.resolve("vm.snap.ws")).isRegularFile();
  }

  @Test
  void missingOneIsEmptyWithoutAWord() {
    assertThat(file(ID).read(log::add).isEmpty()).isTrue();
    assertThat(log).isEmpty();
  }

  @Test
  void oneOfAnotherSnapshotIsIgnoredAndReplaced() {
    record(0, 5, 0, 5);
    SnapshotId other = new SnapshotId(5, 7);
    assertThat(file(other).read(log::add).isEmpty()).isTrue();
    assertThat(log).singleElement().asString().contains("is of snapshot " + ID, other.toString());
    file(other).record(List.of(pages(500, 8, 9), pages(70, 0, 0)), log::add);
    assertThat(file(other).read(log::add).pageCount()).isEqualTo(1);
    assertThat(log).hasSize(1);
  }

  @Test
  void oneOfOtherRegionsIsIgnored() {
    record(0, 5, 0, 5);
    WorkingSetFile other =
        new WorkingSetFile(directory.resolve("vm.snap"), ID, 4096, List.of(500L));
    assertThat(other.read(log::add).isEmpty()).isTrue();
    assertThat(log).singleElement().asString().contains("other regions");
  }

  @Test
  void everyChangedByteAndEveryLengthIsFound() throws IOException {
    record(3, 4, 100, 164);
    Path path = file(ID).path();
    byte[] whole = Files.readAllBytes(path);
    for (int i = 0; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= 1;
      Files.write(path, changed);
      assertThat(file(ID).read(log::add).isEmpty()).as("byte %d", i).isTrue();
      Files.write(path, Arrays.copyOf(whole, i));
      assertThat(file(ID).read(log::add).isEmpty()).as("%d bytes", i).isTrue();
    }
    assertThat(log).hasSize(2 * whole.length);
  }

  @Test
  void oneThatCannotBeWrittenIsReported() {
    WorkingSetFile nowhere =
        new WorkingSetFile(directory.resolve("none/vm.snap"), ID, 4096, REGIONS);
    nowhere.record(List.of(pages(500, 1, 2), pages(70, 0, 0)), log::add);
    assertThat(log).singleElement().asString().contains("not recorded", "directory does not exist");
  }

  @Test
  void memoryFileIsAnotherOnceItHasChanged() throws IOException {
    Path memory = Files.write(directory.resolve("memory"), new byte[100]);
    SnapshotId before = SnapshotId.ofMemoryFile(memory);
    assertThat(SnapshotId.ofMemoryFile(memory)).isEqualTo(before);
    Files.write(memory, new byte[101]);
    assertThat(SnapshotId.ofMemoryFile(memory)).isNotEqualTo(before);
  }

  /** Two ranges of the first region, and of the second what it has of the first range. */
  private void record(long first, long end, long secondFirst, long secondEnd) {
    PageBitmap ram = pages(500, first, end);
    ram.set(secondFirst, secondEnd);
    PageBitmap rom = secondFirst == 100 ? pages(70, first, end) : pages(70, 0, 0);
    file(ID).record(List.of(ram, rom), log::add);
  }

  private WorkingSetFile file(SnapshotId id) {
    return new WorkingSetFile(directory.resolve("vm.snap"), id, 4096, REGIONS);
  }

  private static PageBitmap pages(long count, long first, long end) {
    PageBitmap pages = new PageBitmap(count);
    pages.set(first, end);
    return pages;
  }
}
