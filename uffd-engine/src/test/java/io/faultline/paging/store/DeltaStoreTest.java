package io.faultline.paging.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.paging.PagingException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaStoreTest {
  private static final int PAGE = 4096;
  private static final int PAGES = 12;
  private static final byte BASE = 'b';
  private static final byte MIXED = -1;

  @TempDir Path directory;

  private final MemorySegment pages = Arena.ofAuto().allocate(PAGES * PAGE, PAGE);

  private static RecordingStore base() {
    byte[] bytes = new byte[PAGES * PAGE];
    Arrays.fill(bytes, BASE);
    return new RecordingStore(bytes);
  }

  private static RecordingStore delta() {
    return new RecordingStore(DeltaStore.deltaBytes(PAGES * PAGE));
  }

  private void fill(DeltaStore store, int page, int count, int value) throws IOException {
    pages.fill((byte) value);
    store.write((long) page * PAGE, pages, 0, (long) count * PAGE);
  }

  /** The byte that a page consists of. */
  private byte at(DeltaStore store, int page) throws IOException {
    pages.fill((byte) 99);
    assertThat(store.read((long) page * PAGE, pages, 0, PAGE)).isEqualTo(PAGE);
    byte value = pages.get(ValueLayout.JAVA_BYTE, 0);
    for (int i = 0; i < PAGE; i++) {
      if (pages.get(ValueLayout.JAVA_BYTE, i) != value) {
        return MIXED;
      }
    }
    return value;
  }

  @Test
  void writesGoToTheDeltaAndTheBaseStaysAsItIs() throws IOException {
    RecordingStore base = base();
    RecordingStore delta = delta();
    DeltaStore store = DeltaStore.open(base, delta, PAGES * PAGE);
    fill(store, 3, 2, 7);
    fill(store, 9, 1, 8);
    store.discard(6L * PAGE, PAGE);
    byte[] expected = {BASE, BASE, BASE, 7, 7, BASE, 0, BASE, BASE, 8, BASE, BASE};
    pages.fill((byte) 99);
    assertThat(store.read(0, pages, 0, PAGES * PAGE)).isEqualTo(PAGES * PAGE);
    for (int page = 0; page < PAGES; page++) {
      assertThat(pages.get(ValueLayout.JAVA_BYTE, (long) page * PAGE)).isEqualTo(expected[page]);
    }
    assertThat(store.deltaPages()).isEqualTo(4);
    assertThat(base.steps()).as("writes to the base").isZero();
    store.sync();
    DeltaStore reopened = DeltaStore.open(base, new RecordingStore(delta.bytes()), PAGES * PAGE);
    for (int page = 0; page < PAGES; page++) {
      assertThat(at(reopened, page)).as("page " + page).isEqualTo(expected[page]);
    }
  }

  /**
   * After a crash at any step, with any sectors of what was not synced: a page that was not in the
   * delta at the last sync is as a whole that of the base or what was written last; each sector of
   * another one is as it was synced, or as it was written since.
   */
  @Test
  void deltaSurvivesACrashAtEveryStep() throws IOException {
    long seed = 4;
    Random random = new Random(seed);
    RecordingStore delta = delta();
    DeltaStore store = DeltaStore.open(base(), delta, PAGES * PAGE);
    byte[] synced = new byte[PAGES];
    Arrays.fill(synced, BASE);
    byte[] written = synced.clone();
    List<Set<Byte>> since = new ArrayList<>();
    Stream.generate(HashSet<Byte>::new).limit(PAGES).forEach(since::add);
    for (int step = 0; step < 80; step++) {
      int before = delta.steps();
      int page = random.nextInt(PAGES);
      boolean isSync = step % 7 == 6;
      if (isSync) {
        store.sync();
      } else {
        written[page] = (byte) (step % 11 == 10 ? 0 : step + 1);
        since.get(page).add(written[page]);
        change(store, page, written[page]);
      }
      for (int crash = before; crash < delta.steps(); crash++) {
        checkAfterCrash(delta.crashAfter(crash, random), synced, written, since);
      }
      if (isSync) {
        synced = written.clone();
        since.forEach(Set::clear);
      }
      checkAfterCrash(delta.crashAfter(delta.steps(), random), synced, written, since);
    }
  }

  private void change(DeltaStore store, int page, int value) throws IOException {
    if (value == 0) {
      store.discard((long) page * PAGE, PAGE);
    } else {
      fill(store, page, 1, value);
    }
  }

  private void checkAfterCrash(byte[] disk, byte[] synced, byte[] written, List<Set<Byte>> since)
      throws IOException {
    DeltaStore store = DeltaStore.open(base(), new RecordingStore(disk), PAGES * PAGE);
    for (int page = 0; page < PAGES; page++) {
      byte found = at(store, page);
      if (synced[page] == BASE) {
        assertThat(found).as("page " + page).isIn(BASE, written[page]);
        continue;
      }
      for (int at = 0; at < PAGE; at += RecordingStore.SECTOR) {
        byte sector = pages.get(ValueLayout.JAVA_BYTE, at);
        assertThat(sector == synced[page] || since.get(page).contains(sector))
            .as("page " + page + " at " + at + ": " + sector)
            .isTrue();
      }
    }
  }

  @Test
  void failedSyncIsRepeatedByTheNext() throws IOException {
    for (int failing = 0; failing < 3; failing++) {
      RecordingStore delta = delta();
      DeltaStore store = DeltaStore.open(base(), delta, PAGES * PAGE);
      fill(store, 2, 1, 5);
      delta.failAfter(failing);
      assertThatThrownBy(store::sync).hasMessage("the disk failed");
      store.sync();
      byte[] disk = delta.crashAfter(delta.steps(), new Random(1));
      DeltaStore after = DeltaStore.open(base(), new RecordingStore(disk), PAGES * PAGE);
      assertThat(at(after, 2)).as("step " + failing).isEqualTo((byte) 5);
    }
  }

  @Test
  void lastPartOfAPageOfARegionKeepsTheRest() throws IOException {
    DeltaStore store = DeltaStore.open(base(), delta(), PAGES * PAGE);
    pages.fill((byte) 7);
    store.write(4L * PAGE, pages, 0, PAGE + 100);
    store.discard(8L * PAGE, 50);
    pages.fill((byte) 99);
    store.read(4L * PAGE, pages, 0, 5L * PAGE);
    assertThat(pages.get(ValueLayout.JAVA_BYTE, PAGE + 99)).isEqualTo((byte) 7);
    assertThat(pages.get(ValueLayout.JAVA_BYTE, PAGE + 100)).isEqualTo(BASE);
    assertThat(pages.get(ValueLayout.JAVA_BYTE, 4 * PAGE + 49)).isZero();
    assertThat(pages.get(ValueLayout.JAVA_BYTE, 4 * PAGE + 50)).isEqualTo(BASE);
  }

  @Test
  void beyondTheEndOfTheBaseAreZeros() throws IOException {
    byte[] shorter = new byte[2 * PAGE + 100];
    Arrays.fill(shorter, BASE);
    DeltaStore store = DeltaStore.open(new RecordingStore(shorter), delta(), PAGES * PAGE);
    fill(store, 5, 1, 6);
    pages.fill((byte) 99);
    assertThat(store.read(0, pages, 0, PAGES * PAGE)).isEqualTo(PAGES * PAGE);
    assertThat(pages.get(ValueLayout.JAVA_BYTE, 2 * PAGE + 99)).isEqualTo(BASE);
    assertThat(pages.get(ValueLayout.JAVA_BYTE, 2 * PAGE + 100)).isZero();
    assertThat(at(store, 5)).isEqualTo((byte) 6);
    assertThat(at(store, 7)).isZero();
  }

  @Test
  void storeThatEndsWithinAPageReadsShort() throws IOException {
    long size = 3 * PAGE + 100;
    RecordingStore delta = new RecordingStore(DeltaStore.deltaBytes(size));
    DeltaStore store = DeltaStore.open(base(), delta, size);
    pages.fill((byte) 3);
    store.write(3 * PAGE, pages, 0, 100);
    assertThat(store.read(2 * PAGE, pages, 0, 2 * PAGE)).isEqualTo(PAGE + 100);
    assertThat(store.read(4 * PAGE, pages, 0, PAGE)).isZero();
    assertThat(pages.get(ValueLayout.JAVA_BYTE, PAGE + 99)).isEqualTo((byte) 3);
  }

  @Test
  void deltaCanBeTheBaseOfAnother() throws IOException {
    DeltaStore first = DeltaStore.open(base(), delta(), PAGES * PAGE);
    fill(first, 1, 2, 7);
    DeltaStore second = DeltaStore.open(first, delta(), PAGES * PAGE);
    fill(second, 2, 1, 8);
    assertThat(at(second, 0)).isEqualTo(BASE);
    assertThat(at(second, 1)).isEqualTo((byte) 7);
    assertThat(at(second, 2)).isEqualTo((byte) 8);
    assertThat(at(first, 2)).isEqualTo((byte) 7);
  }

  @Test
  void mapOfMoreThanOnePageFindsItsPages() throws IOException {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    long size = 70_000L * PAGE; // three pages of the map
    try (FileStore delta =
        FileStore.open(directory.resolve("delta"), DeltaStore.deltaBytes(size))) {
      DeltaStore store = DeltaStore.open(new RecordingStore(0), delta, size);
      for (int page : new int[] {0, 63, 64, 32_767, 32_768, 69_999}) {
        fill(store, page, 1, page % 100 + 1);
      }
      store.sync();
      DeltaStore after = DeltaStore.open(new RecordingStore(0), delta, size);
      assertThat(after.deltaPages()).isEqualTo(6);
      assertThat(at(after, 32_768)).isEqualTo((byte) (32_768 % 100 + 1));
      assertThat(at(after, 69_999)).isEqualTo((byte) 100);
      assertThat(at(after, 65)).isZero();
    }
  }

  @Test
  void whatIsNoDeltaOfThisBaseIsRefused() throws IOException {
    RecordingStore small = new RecordingStore(DeltaStore.deltaBytes(PAGES * PAGE) - 1);
    assertThatThrownBy(() -> DeltaStore.open(base(), small, PAGES * PAGE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("it must have at least " + DeltaStore.deltaBytes(PAGES * PAGE));
    RecordingStore delta = delta();
    DeltaStore.open(base(), delta, PAGES * PAGE);
    assertThatThrownBy(() -> DeltaStore.open(new RecordingStore(0), delta, PAGES * PAGE))
        .isInstanceOf(PagingException.class)
        .hasMessageContaining("over a base of 49152, not of 49152 bytes over a base of 0");
    delta.bytes()[8]++;
    assertThatThrownBy(() -> DeltaStore.open(base(), delta, PAGES * PAGE))
        .isInstanceOf(PagingException.class)
        .hasMessageContaining("is no delta, or damaged");
    RecordingStore other = delta();
    other.bytes()[PAGE + 5] = 1;
    assertThatThrownBy(() -> DeltaStore.open(base(), other, PAGES * PAGE))
        .isInstanceOf(PagingException.class)
        .hasMessageContaining("but not empty either");
  }
}
