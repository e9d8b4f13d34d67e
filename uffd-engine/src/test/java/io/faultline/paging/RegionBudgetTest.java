package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How regions share a buffer. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RegionBudgetTest {
  private static final int PAGES = 2_000;
  private static final int KEPT = 48;

  private static PagedRegion map(Pager pager, int pages, RegionOptions options) {
    PagedRegion region = pager.map(new MemoryStore(pages * PAGE), pages * PAGE, options);
    region.advise(AccessAdvice.RANDOM, 0, pages * PAGE);
    return region;
  }

  private static void touch(Kernel kernel, PagedRegion region, int pages) {
    for (int page = 0; page < pages; page++) {
      long address = region.address() + page * PAGE;
      if (page % 2 == 0) {
        kernel.guestStore(address, page);
      } else {
        kernel.guestLoad(address);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void regionKeepsItsLeastWhileAnotherNeedsMore(String name) {
    Kernel kernel = PagingKernels.of(name);
    RegionOptions options = RegionOptions.DEFAULT.withLeast(KEPT * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(256 * PAGE));
        PagedRegion kept = map(pager, KEPT, options);
        PagedRegion other = map(pager, KEPT, RegionOptions.DEFAULT);
        PagedRegion scanned = map(pager, PAGES, RegionOptions.DEFAULT)) {
      touch(kernel, kept, KEPT);
      touch(kernel, other, KEPT);
      touch(kernel, scanned, PAGES);
      assertThat(kept.residentPages()).isEqualTo(KEPT);
      assertThat(other.residentPages()).as("a region without a budget").isLessThan(KEPT);
      assertThat(pager.stats().mostUsedPages()).isLessThanOrEqualTo(256);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void regionStaysWithinItsMostThoughTheBufferIsFree(String name) {
    Kernel kernel = PagingKernels.of(name);
    RegionOptions options = RegionOptions.DEFAULT.withMost(32 * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(512 * PAGE));
        PagedRegion other = map(pager, 100, RegionOptions.DEFAULT);
        PagedRegion limited = map(pager, PAGES, options)) {
      touch(kernel, other, 100);
      for (int page = 0; page < PAGES; page++) {
        kernel.guestStore(limited.address() + page * PAGE, page + 1);
        if (page % 10 == 0) {
          assertThat(limited.residentPages()).isLessThanOrEqualTo(32);
        }
      }
      for (int page = PAGES - 1; page >= 0; page--) {
        assertThat(kernel.guestLoad(limited.address() + page * PAGE)).isEqualTo(page + 1);
      }
      assertThat(other.residentPages()).as("pages of another region").isEqualTo(100);
      assertThat(pager.stats().errors()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void regionThatIsNotInUseGivesTheRestToOthers(String name) {
    Kernel kernel = PagingKernels.of(name);
    RegionOptions options = RegionOptions.DEFAULT.withLeast(16 * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(256 * PAGE));
        PagedRegion first = map(pager, PAGES, options);
        PagedRegion second = map(pager, PAGES, options)) {
      touch(kernel, first, PAGES);
      assertThat(first.residentPages()).as("alone").isGreaterThan(180);
      touch(kernel, second, PAGES);
      assertThat(first.residentPages()).as("beside the other").isBetween(16L, 150L);
      assertThat(second.residentPages()).isGreaterThan(90);
    }
  }

  /** Also if the application is faster than the store, and waits for what is read ahead. */
  @ParameterizedTest
  @CsvSource({"kernel, 0", "kernel, 1", "simulated, 0", "simulated, 1"})
  void pagesThatASequentialRegionHasPassedLeaveFirst(String name, long delayMillis) {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(4 * PAGES * PAGE);
    store.delayMillis = delayMillis;
    try (Pager pager = Pager.open(kernel, PagerOptions.of(1024 * PAGE));
        PagedRegion used = map(pager, 300, RegionOptions.DEFAULT);
        PagedRegion scanned = pager.map(store, 4 * PAGES * PAGE)) {
      touch(kernel, used, 300);
      scanned.advise(AccessAdvice.SEQUENTIAL, 0, 4 * PAGES * PAGE);
      long before = pager.stats().fills();
      kernel.guestLoad(scanned.address());
      assertThat(pager.stats().pagesRead()).as("by the first fault").isGreaterThan(300 + 8);
      touch(kernel, scanned, 4 * PAGES);
      assertThat(used.residentPages()).as("%s", pager.stats()).isGreaterThan(250);
      long fills = pager.stats().fills() - before;
      if (delayMillis == 0) { // else frames are short, and windows smaller
        assertThat(fills).as("fills of 16 pages").isLessThan(4 * PAGES / 6);
      }
    }
  }

  @Test
  void budgetThatCannotBeKeptIsRefused() {
    try (Pager pager = Pager.open(new SimulatedKernel(), PagerOptions.of(256 * PAGE))) {
      RegionOptions half = RegionOptions.DEFAULT.withLeast(128 * PAGE);
      PagedRegion first = map(pager, PAGES, half);
      assertThatThrownBy(() -> map(pager, PAGES, half))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least 524288 bytes of the buffer, of which others have 524288")
          .hasMessageContaining("together at most 933888 can be promised");
      first.close();
      map(pager, PAGES, half).close();
      assertThatThrownBy(() -> map(pager, PAGES, RegionOptions.DEFAULT.withMost(3 * PAGE)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be at least 16384");
      assertThatThrownBy(() -> half.withMost(PAGE)).hasMessageContaining("is impossible");
    }
  }
}
