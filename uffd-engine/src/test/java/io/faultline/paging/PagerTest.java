package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a region shows, on both kernels. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerTest {
  private static final int PAGES = 1000;

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void regionLargerThanTheBufferKeepsWhatWasStored(String name) {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(PAGES * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(64 * PAGE));
        PagedRegion region = pager.map(store, PAGES * PAGE)) {
      for (int round = 0; round < 2; round++) {
        for (long page = 0; page < PAGES; page++) {
          long address = region.address() + page * PAGE + 8L * round;
          assertThat(kernel.guestLoad(address)).as("page " + page).isZero();
          kernel.guestStore(address, page + round);
        }
      }
      for (long page = PAGES - 1; page >= 0; page--) {
        assertThat(kernel.guestLoad(region.address() + page * PAGE)).isEqualTo(page);
        assertThat(kernel.guestLoad(region.address() + page * PAGE + 8)).isEqualTo(page + 1);
      }
      PagerStats stats = pager.stats();
      assertThat(stats.mostUsedPages()).isLessThanOrEqualTo(64);
      assertThat(stats.errors()).isZero();
      assertThat(stats.evictedDirty()).isGreaterThan(PAGES);
    }
    assertThat(MemorySegment.ofArray(store.bytes).get(ValueLayout.JAVA_LONG_UNALIGNED, 7 * PAGE))
        .isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 10, 20, 33})
  void smallBuffersMakeProgress(long bufferPages) {
    Kernel kernel = PagingKernels.of("kernel");
    MemoryStore store = new MemoryStore(50 * PAGE);
    try (Arena arena = Arena.ofConfined();
        Pager pager = Pager.open(kernel, PagerOptions.of(bufferPages * PAGE));
        PagedRegion region = pager.map(store, 50 * PAGE)) {
      // each copy crosses page boundaries on both sides
      for (int page = 1; page < 49; page++) {
        kernel.guestStore(region.address() + page * PAGE - 8, page);
        long to = region.address() + (49 - page) * PAGE - 4;
        NativeMemset.copy(to, region.address() + page * PAGE - 8, 16);
      }
      MemorySegment expected = arena.allocate(50 * PAGE, 8);
      for (int page = 1; page < 49; page++) {
        expected.set(ValueLayout.JAVA_LONG, page * PAGE - 8, page);
        MemorySegment.copy(expected, page * PAGE - 8, expected, (49 - page) * PAGE - 4, 16);
      }
      assertThat(NativeMemset.equal(region.address(), expected.address(), 50 * PAGE)).isTrue();
      assertThat(pager.stats().mostUsedPages()).isLessThanOrEqualTo(bufferPages);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void bufferThatCannotHoldOneInstructionIsRefused(long pages) {
    assertThatThrownBy(
            () -> Pager.open(PagingKernels.of("simulated"), PagerOptions.of(pages * PAGE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 16384");
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void storeSmallerThanTheRegionIsRefused(String name) {
    try (Pager pager = Pager.open(PagingKernels.of(name), PagerOptions.of(64 * PAGE))) {
      assertThatThrownBy(() -> pager.map(new SizedStore(PAGE), 2 * PAGE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("a region of 8192 bytes over a store of 4096");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void endOfTheStoreReadsAsZerosAndIsNotExtended(String name) {
    Kernel kernel = PagingKernels.of(name);
    int size = (int) (3 * PAGE + 104);
    MemoryStore store = new MemoryStore(size);
    Arrays.fill(store.bytes, (byte) 7);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(16 * PAGE));
        PagedRegion region = pager.map(store, size)) {
      long last = region.address() + 3 * PAGE;
      assertThat(kernel.guestLoad(last + 96)).isEqualTo(0x0707070707070707L);
      for (long at = 104; at < PAGE; at += 8) {
        assertThat(kernel.guestLoad(last + at)).isZero();
      }
      kernel.guestStore(last + 104, 1); // beyond the end: goes nowhere
      kernel.guestStore(last + 96, 2);
      region.flushAll();
      assertThat(store.bytes[size - 8]).isEqualTo((byte) 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void flushedPagesAreInTheStoreAndStayInMemory(String name) {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(100 * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(256 * PAGE));
        PagedRegion region = pager.map(store, 100 * PAGE)) {
      for (int page = 0; page < 100; page++) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      region.flush(0, 50 * PAGE);
      assertThat(store.syncs).hasValue(1);
      for (int page = 0; page < 100; page++) {
        assertThat(store.bytes[(int) (page * PAGE)]).isEqualTo((byte) (page < 50 ? page + 1 : 0));
      }
      long fills = pager.stats().fills();
      for (int page = 0; page < 100; page++) {
        assertThat(kernel.guestLoad(region.address() + page * PAGE)).isEqualTo(page + 1);
        kernel.guestStore(region.address() + page * PAGE, 2L * page);
      }
      assertThat(pager.stats().fills()).isEqualTo(fills);
      region.flushAll();
      assertThat(store.bytes[(int) (49 * PAGE)]).isEqualTo((byte) 98);
      assertThat(store.bytes[(int) (99 * PAGE)]).isEqualTo((byte) 198);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void discardedPagesReadAsZerosInMemoryAndInTheStore(String name) {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(100 * PAGE);
    Arrays.fill(store.bytes, (byte) 7);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(20 * PAGE));
        PagedRegion region = pager.map(store, 100 * PAGE)) {
      for (int page = 0; page < 100; page++) {
        kernel.guestStore(region.address() + page * PAGE, 1);
      }
      region.discard(10 * PAGE, 85 * PAGE);
      for (int page = 0; page < 100; page++) {
        boolean discarded = page >= 10 && page < 95;
        long address = region.address() + page * PAGE;
        assertThat(kernel.guestLoad(address)).as("page " + page).isEqualTo(discarded ? 0 : 1);
        assertThat(kernel.guestLoad(address + 8) == 0).isEqualTo(discarded);
      }
      assertThatThrownBy(() -> region.discard(8, PAGE)).hasMessageContaining("whole pages");
    }
    assertThat(store.bytes[(int) (50 * PAGE)]).isZero();
    assertThat(store.bytes[(int) (99 * PAGE)]).isEqualTo((byte) 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void sequentialAccessFillsInGrowingWindowsBothWays(String name) {
    Kernel kernel = PagingKernels.of(name);
    int pages = 4000;
    MemoryStore store = new MemoryStore(pages * PAGE);
    for (int page = 0; page < pages; page++) {
      store.bytes[(int) (page * PAGE)] = (byte) page;
    }
    try (Pager pager = Pager.open(kernel, PagerOptions.of(2048 * PAGE));
        PagedRegion region = pager.map(store, pages * PAGE)) {
      for (int page = 0; page < pages; page++) {
        assertThat((byte) kernel.guestLoad(region.address() + page * PAGE)).isEqualTo((byte) page);
      }
      long forward = pager.stats().fills();
      assertThat(forward).isBetween(pages / 32L, pages / 8L);
      assertThat(pager.stats().pagesAhead()).isGreaterThan(pages / 4);
      for (int page = pages - 2000; page >= 0; page--) {
        assertThat((byte) kernel.guestLoad(region.address() + page * PAGE)).isEqualTo((byte) page);
      }
      assertThat(pager.stats().fills() - forward).isBetween(40L, 250L);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void randomAccessReadsSinglePages(String name) {
    Kernel kernel = PagingKernels.of(name);
    int pages = 4099; // a prime
    MemoryStore store = new MemoryStore(pages * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(2048 * PAGE));
        PagedRegion region = pager.map(store, pages * PAGE)) {
      for (long i = 1; i <= 1000; i++) {
        kernel.guestLoad(region.address() + i * 1777 % pages * PAGE);
      }
      assertThat(pager.stats().pagesRead()).isLessThan(1010);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void pagesThatTheApplicationDropsShowTheStoreAgain(String name) {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(20 * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(16 * PAGE));
        PagedRegion region = pager.map(store, 20 * PAGE)) {
      for (int round = 1; round < 50; round++) {
        kernel.guestStore(region.address(), round);
        kernel.guestStore(region.address() + PAGE, round);
        region.flush(0, PAGE);
        kernel.advise(region.address(), 2 * PAGE, Advice.DONT_NEED);
        assertThat(kernel.guestLoad(region.address())).isEqualTo(round);
        assertThat(kernel.guestLoad(region.address() + PAGE)).isZero(); // was never flushed
      }
      assertThat(pager.stats().vanished()).isGreaterThan(0);
      assertThat(pager.stats().usedPages()).isLessThanOrEqualTo(16);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void regionThatTheApplicationUnmapsIsLostAndReported(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    LinkedBlockingQueue<PagingError> errors = new LinkedBlockingQueue<>();
    try (Pager pager = Pager.open(kernel, PagerOptions.of(16 * PAGE))) {
      PagedRegion region = pager.map(new MemoryStore(20 * PAGE), 20 * PAGE);
      PagedRegion other = pager.map(new MemoryStore(20 * PAGE), 20 * PAGE);
      region.onError(errors::add);
      kernel.guestStore(region.address(), 1);
      kernel.unmap(region.address(), 20 * PAGE);
      PagingError error = errors.poll(60, TimeUnit.SECONDS);
      assertThat(error).isNotNull();
      assertThat(error.kind()).isEqualTo(PagingError.Kind.MAPPING);
      assertThat(error.message()).contains("unmapped by the application");
      try (PagedAccess access = region.access()) {
        assertThatThrownBy(() -> access.getLong(8 * PAGE)).isInstanceOf(PagingException.class);
      }
      for (int i = 0; i < 20; i++) {
        kernel.guestStore(other.address() + i * PAGE, i); // evicts, but not the lost region
      }
      region.abandon();
      other.close();
    }
  }

  /** A first-in-first-out buffer would lose them to a scan. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void pagesInUseStayWhileOthersAreScanned(String name) {
    Kernel kernel = PagingKernels.of(name);
    int pages = 6_000;
    try (Pager pager = Pager.open(kernel, PagerOptions.of(512 * PAGE));
        PagedRegion region = pager.map(new MemoryStore(pages * PAGE), pages * PAGE)) {
      region.advise(AccessAdvice.RANDOM, 0, pages * PAGE);
      long before = 0;
      for (int page = 100; page < pages; page++) {
        if (page == pages / 2) {
          before = pager.stats().pagesRead();
        }
        kernel.guestLoad(region.address() + page * PAGE);
        kernel.guestLoad(region.address() + page % 100 * PAGE);
      }
      long again = pager.stats().pagesRead() - before - pages / 2;
      assertThat(again).as("reads of the 100 pages in use, of 3000 accesses").isLessThan(1_000);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void dirtyPagesAreWrittenInLongRuns(String name) {
    Kernel kernel = PagingKernels.of(name);
    int pages = 6_000;
    try (Pager pager = Pager.open(kernel, PagerOptions.of(2048 * PAGE));
        PagedRegion region = pager.map(new MemoryStore(pages * PAGE), pages * PAGE)) {
      for (int page = 0; page < pages; page++) {
        kernel.guestStore(region.address() + page * PAGE, page);
      }
      PagerStats stats = pager.stats();
      assertThat(stats.pagesWritten()).isGreaterThan(3_000);
      assertThat(stats.pagesWritten() / stats.writes()).as("pages of a write").isGreaterThan(12);
    }
  }

  /** A store that has a size. */
  private record SizedStore(long sizeBytes) implements PageStore {
    @Override
    public long read(long offset, MemorySegment to, long toOffset, long lengthBytes) {
      return 0;
    }

    @Override
    public void write(long offset, MemorySegment from, long fromOffset, long lengthBytes) {}

    @Override
    public void discard(long offset, long lengthBytes) {}

    @Override
    public void sync() {}

    @Override
    public int alignment() {
      return 1;
    }
  }
}
