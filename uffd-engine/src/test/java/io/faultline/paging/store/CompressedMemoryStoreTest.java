package io.faultline.paging.store;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CompressedMemoryStoreTest {
  private static final int PAGE = 4096;

  private final MemorySegment pages = Arena.ofAuto().allocate(8 * PAGE, PAGE);
  private final Random random = new Random(7);

  private static CompressedMemoryStore store(long size, long limit) {
    return new CompressedMemoryStore(size, limit, DeflateCodec::new);
  }

  /** A page of which a part is noise, and the rest a constant. */
  private void page(int noise, int value) {
    byte[] bytes = new byte[PAGE];
    random.nextBytes(bytes);
    Arrays.fill(bytes, noise, PAGE, (byte) value);
    MemorySegment.copy(bytes, 0, pages, JAVA_BYTE, 0, PAGE);
  }

  @Test
  void pagesAreReadAsTheyWereLastWrittenWhateverTheirRatio() throws IOException {
    int count = 500;
    byte[] expected = new byte[count * PAGE];
    try (CompressedMemoryStore store = store(expected.length, 4 << 20)) {
      for (int i = 0; i < 5_000; i++) {
        int at = random.nextInt(count) * PAGE;
        if (random.nextInt(10) == 0) {
          store.discard(at, PAGE);
          Arrays.fill(expected, at, at + PAGE, (byte) 0);
        } else {
          page(random.nextInt(4) == 0 ? 0 : random.nextInt(PAGE + 1), random.nextInt(3));
          store.write(at, pages, 0, PAGE);
          MemorySegment.copy(pages, JAVA_BYTE, 0, expected, at, PAGE);
        }
      }
      for (int at = 0; at < expected.length; at += 4 * PAGE) {
        assertThat(store.read(at, pages, 0, 4 * PAGE)).isEqualTo(4 * PAGE);
        byte[] found = pages.asSlice(0, 4 * PAGE).toArray(JAVA_BYTE);
        assertThat(found).as("at " + at).isEqualTo(Arrays.copyOfRange(expected, at, at + 4 * PAGE));
      }
      store.discard(0, expected.length);
      assertThat(store.stats().pages()).isZero();
      assertThat(store.stats().compressedBytes()).isZero();
      assertThat(store.stats().usedBytes()).as("the table").isEqualTo(count * 8L);
    }
  }

  @Test
  void pagesOfZerosCostNothing() throws IOException {
    try (CompressedMemoryStore store = store(1L << 32, 9 << 20)) { // the table has 8 MiB
      pages.fill((byte) 0);
      for (long at = 0; at < 1L << 32; at += 1 << 20) {
        store.write(at, pages, 0, 8 * PAGE);
      }
      assertThat(store.stats()).isEqualTo(new CompressedMemoryStats(0, 0, 8 << 20, 9 << 20));
      assertThat(store.stats().ratio()).isEqualTo(1);
    }
  }

  @Test
  void ratioIsThatOfThePages() throws IOException {
    try (CompressedMemoryStore store = store(100 * PAGE, 4 << 20)) {
      for (int i = 0; i < 100; i++) {
        page(PAGE / 4, 1);
        store.write((long) i * PAGE, pages, 0, PAGE);
      }
      assertThat(store.stats().pages()).isEqualTo(100);
      assertThat(store.stats().ratio()).isCloseTo(4, within(0.5));
      long before = store.stats().usedBytes();
      for (int i = 0; i < 100; i++) { // in place
        store.write((long) i * PAGE, pages, 0, PAGE);
      }
      assertThat(store.stats().usedBytes()).isEqualTo(before);
      assertThat(store.stats().pages()).isEqualTo(100);
    }
  }

  @Test
  void fullMemoryIsAnErrorThatKeepsWhatIsThere() throws IOException {
    int count = 1_000;
    try (CompressedMemoryStore store = store((long) count * PAGE, 1 << 20)) {
      int written = 0;
      IOException error = null;
      while (error == null) {
        page(PAGE, 0);
        pages.set(JAVA_BYTE, 0, (byte) written);
        try {
          store.write((long) written * PAGE, pages, 0, PAGE);
          written++;
        } catch (IOException e) {
          error = e;
        }
      }
      assertThat(written).isEqualTo(15 * 16); // the table has a part of one slab
      assertThat(error)
          .hasMessageContaining("compressed memory of 4096000 bytes is full: 240 pages")
          .hasMessageContaining("raise the limit");
      for (int i = 0; i < written; i++) {
        store.read((long) i * PAGE, pages, 0, PAGE);
        assertThat(pages.get(JAVA_BYTE, 0)).isEqualTo((byte) i);
      }
      page(PAGE, 0);
      store.write(0, pages, 0, PAGE); // over what is there
      store.discard(PAGE, PAGE);
      store.write(900L * PAGE, pages, 0, PAGE);
      assertThat(store.stats().usedBytes()).isLessThanOrEqualTo(1 << 20);
    }
  }

  @Test
  void endWithinAPageIsKept() throws IOException {
    try (CompressedMemoryStore store = store(3 * PAGE + 100, 1 << 20)) {
      pages.fill((byte) 6);
      store.write(2 * PAGE, pages, 0, PAGE + 100);
      pages.fill((byte) 7);
      store.write(2 * PAGE, pages, 0, 50); // of a shorter region
      store.discard(3 * PAGE, 10);
      pages.fill((byte) 1);
      assertThat(store.read(2 * PAGE, pages, 0, 4 * PAGE)).isEqualTo(PAGE + 100);
      assertThat(pages.get(JAVA_BYTE, 49)).isEqualTo((byte) 7);
      assertThat(pages.get(JAVA_BYTE, 50)).isEqualTo((byte) 6);
      assertThat(pages.get(JAVA_BYTE, PAGE + 9)).isZero();
      assertThat(pages.get(JAVA_BYTE, PAGE + 10)).isEqualTo((byte) 6);
      assertThatThrownBy(() -> store.write(3 * PAGE, pages, 0, PAGE))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void limitThatLeavesNoRoomIsRefused() {
    assertThatThrownBy(() -> store(1L << 32, 8 << 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be at least 8454144");
    assertThatThrownBy(() -> store(0, 8 << 20)).isInstanceOf(IllegalArgumentException.class);
  }
}
