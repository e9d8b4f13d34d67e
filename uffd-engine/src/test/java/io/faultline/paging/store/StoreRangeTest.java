package io.faultline.paging.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class StoreRangeTest {
  private static final long PAGE = 4096;

  private final RecordingStore store = new RecordingStore(10 * PAGE);
  private final MemorySegment pages = Arena.ofAuto().allocate(8 * PAGE, PAGE);

  @Test
  void offsetsAreThoseOfTheRange() throws IOException {
    StoreRange range = StoreRange.of(store, 3 * PAGE, 4 * PAGE);
    pages.fill((byte) 8);
    range.write(PAGE, pages, 0, PAGE);
    assertThat(store.bytes()[(int) (4 * PAGE)]).isEqualTo((byte) 8);
    assertThat(store.bytes()[(int) (5 * PAGE)]).isZero();
    pages.fill((byte) 1);
    assertThat(range.read(PAGE, pages, 0, PAGE)).isEqualTo(PAGE);
    assertThat(pages.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 8);
    range.discard(PAGE, PAGE);
    assertThat(store.bytes()[(int) (4 * PAGE)]).isZero();
    assertThat(range).hasToString(store + " at 12288");
  }

  /** What follows in the store belongs to others. */
  @Test
  void rangeEndsWhereItEnds() throws IOException {
    StoreRange range = StoreRange.of(store, 3 * PAGE, PAGE + 100);
    assertThat(range.sizeBytes()).isEqualTo(PAGE + 100);
    assertThat(range.read(0, pages, 0, 2 * PAGE)).isEqualTo(PAGE + 100);
    assertThat(range.read(2 * PAGE, pages, 0, PAGE)).isZero();
    assertThatThrownBy(() -> range.write(PAGE, pages, 0, PAGE))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> range.discard(PAGE, PAGE))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(StoreRange.from(store, 8 * PAGE).sizeBytes()).isEqualTo(2 * PAGE);
  }

  @Test
  void rangeThatIsNotAlignedOrNotInTheStoreIsRefused() {
    assertThatThrownBy(() -> StoreRange.of(store, 100, PAGE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("offset 100")
        .hasMessageContaining("multiple of 512");
    assertThatThrownBy(() -> StoreRange.of(store, 8 * PAGE, 3 * PAGE))
        .hasMessageContaining("must be within its 40960 bytes");
    assertThatThrownBy(() -> StoreRange.from(store, 11 * PAGE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
