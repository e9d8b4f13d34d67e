package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.MemoryErrorException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagedReaderTest {
  private static final int PAGES = 500;
  private static final int BUFFER = 64;

  private final Arena arena = Arena.ofAuto();

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void copiesPagesWhereverTheyAre(String name) {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(PAGES * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(BUFFER * PAGE));
        PagedRegion region = pager.map(store, PAGES * PAGE)) {
      for (long page = 0; page < PAGES; page++) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      MemorySegment copy = arena.allocate(PAGES * PAGE, PAGE);
      PagedReader reader = region.reader();
      reader.read(0, copy, 0, PAGES * PAGE);
      for (long page = 0; page < PAGES; page++) {
        assertThat(copy.get(ValueLayout.JAVA_LONG, page * PAGE)).isEqualTo(page + 1);
      }
      assertThat(reader.pagesFromStore()).isBetween((long) PAGES - BUFFER, PAGES - 1L);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void bringsNothingIntoMemoryAndEvictsNothing(String name) {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(PAGES * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(BUFFER * PAGE));
        PagedRegion region = pager.map(store, PAGES * PAGE)) {
      for (long page = 0; page < BUFFER / 4; page++) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      PagerStats before = pager.stats();
      MemorySegment copy = arena.allocate(PAGES * PAGE, PAGE);
      region.reader().read(0, copy, 0, PAGES * PAGE);
      assertThat(pager.stats()).isEqualTo(before);
      assertThat(region.residentPages()).isEqualTo(BUFFER / 4);
    }
  }

  @Test
  void endOfTheRegionReadsAsZeros() {
    MemoryStore store = new MemoryStore(2 * PAGE);
    Arrays.fill(store.bytes, (byte) 7);
    try (Pager pager = Pager.open(PagingKernels.of("simulated"), PagerOptions.of(BUFFER * PAGE));
        PagedRegion region = pager.map(store, PAGE + 104)) {
      MemorySegment copy = arena.allocate(2 * PAGE, PAGE).fill((byte) 1);
      PagedReader reader = region.reader();
      reader.read(0, copy, 0, 2 * PAGE);
      assertThat(copy.get(ValueLayout.JAVA_LONG, PAGE + 96)).isEqualTo(0x0707070707070707L);
      for (long at = PAGE + 104; at < 2 * PAGE; at += 8) {
        assertThat(copy.get(ValueLayout.JAVA_LONG, at)).isZero();
      }
      assertThatThrownBy(() -> reader.read(0, copy, 0, 3 * PAGE))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> reader.read(8, copy, 0, PAGE))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void storeThatFailsIsAnErrorAndNeverZeros() {
    Kernel kernel = PagingKernels.of("simulated");
    MemoryStore store = new MemoryStore(8 * PAGE);
    store.bytes[(int) (3 * PAGE)] = 9;
    try (Pager pager = Pager.open(kernel, PagerOptions.of(BUFFER * PAGE));
        PagedRegion region = pager.map(store, 8 * PAGE)) {
      MemorySegment copy = arena.allocate(8 * PAGE, PAGE);
      PagedReader reader = region.reader();
      store.readError = "bad sector";
      assertThatThrownBy(() -> reader.read(0, copy, 0, 8 * PAGE))
          .isInstanceOf(PagingException.class)
          .hasMessageContaining("page 0 of region 0 of 32768 bytes cannot be read: bad sector");
      assertThatThrownBy(() -> kernel.guestLoad(region.address() + 3 * PAGE))
          .isInstanceOf(MemoryErrorException.class);
      store.readError = null;
      assertThatThrownBy(() -> reader.read(3 * PAGE, copy, 0, PAGE))
          .as("poisoned until its errors are cleared")
          .isInstanceOf(MemoryErrorException.class);
      region.clearErrors();
      reader.read(3 * PAGE, copy, 0, PAGE);
      assertThat(copy.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 9);
    }
  }

  @Test
  void accessToAPageThatIsBeingReadWaitsForIt() throws Exception {
    Kernel kernel = PagingKernels.of("simulated");
    MemoryStore store = new MemoryStore(8 * PAGE);
    store.bytes[(int) (5 * PAGE)] = 9;
    try (Pager pager = Pager.open(kernel, PagerOptions.of(BUFFER * PAGE));
        PagedRegion region = pager.map(store, 8 * PAGE)) {
      store.delayMillis = 50;
      MemorySegment copy = arena.allocate(8 * PAGE, PAGE);
      Thread reader = Thread.ofPlatform().start(() -> region.reader().read(0, copy, 0, 8 * PAGE));
      Thread.sleep(10);
      assertThat(kernel.guestLoad(region.address() + 5 * PAGE)).isEqualTo(9);
      reader.join();
      assertThat(copy.get(ValueLayout.JAVA_BYTE, 5 * PAGE)).isEqualTo((byte) 9);
    }
  }
}
