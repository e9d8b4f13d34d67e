package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.paging.table.PageState;
import io.faultline.paging.table.StateTable;
import io.faultline.uffd.Kernel;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many clean pages become writable at a store. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriteFaultsTest {
  private static final int PAGES = 1_024;

  private final StateTable states = new StateTable(Arena.ofAuto(), PAGES);

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void densePagesThatAreStoredToInNoOrderTakeFewFaults(String name) {
    Kernel kernel = PagingKernels.of(name);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(2 * PAGES * PAGE));
        PagedRegion region = pager.map(new MemoryStore(PAGES * PAGE), PAGES * PAGE)) {
      region.prefetch(0, PAGES * PAGE);
      for (int i = 0; i < PAGES; i++) {
        long page = i * 389L % PAGES;
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      assertThat(pager.stats().protectFaults()).isLessThan(PAGES / 3);
      region.flushAll();
      for (int page = 0; page < PAGES; page++) {
        assertThat(kernel.guestLoad(region.address() + page * PAGE)).isEqualTo(page + 1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void pagesBetweenScatteredStoresAreNotWritten(String name) {
    Kernel kernel = PagingKernels.of(name);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(2 * PAGES * PAGE));
        PagedRegion region = pager.map(new MemoryStore(PAGES * PAGE), PAGES * PAGE)) {
      region.prefetch(0, PAGES * PAGE);
      int stores = 0;
      for (int page = 0; page < PAGES; page += 9) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
        stores++;
      }
      region.flushAll();
      assertThat(pager.stats().pagesWritten()).isEqualTo(stores);
    }
  }

  @Test
  void densityReachesAsFarAsOneInEightPagesIsWritable() {
    assertThat(WriteDensity.reach(states, 500)).isZero();
    set(499, 499, PageState.DIRTY);
    assertThat(WriteDensity.reach(states, 500)).isZero();
    set(508, 508, PageState.FLUSHING_DIRTY);
    assertThat(WriteDensity.reach(states, 500)).isEqualTo(8);
    set(520, 525, PageState.DIRTY);
    assertThat(WriteDensity.reach(states, 500)).isEqualTo(32);
    set(400, 424, PageState.DIRTY);
    assertThat(WriteDensity.reach(states, 500)).isEqualTo(128);
    set(499, 499, PageState.CLEAN);
    assertThat(WriteDensity.reach(states, 500)).as("far pages alone").isZero();
  }

  @Test
  void densityEndsAtTheEndsOfTheRegion() {
    set(0, 7, PageState.DIRTY);
    assertThat(WriteDensity.reach(states, 8)).isEqualTo(32);
    set(PAGES - 8, PAGES - 2, PageState.DIRTY);
    assertThat(WriteDensity.reach(states, PAGES - 1)).isEqualTo(8);
  }

  @Test
  void runThatIsGivenUpLeavesEachPageAsItWas() {
    set(100, 119, PageState.CLEAN);
    set(104, 106, PageState.DIRTY);
    set(115, 115, PageState.LOGGED);
    WriteRun run = take(110, true);
    assertThat(run.first()).isEqualTo(102);
    assertThat(run.count()).as("up to the page that is logged").isEqualTo(13);
    assertThat(states.state(105)).isEqualTo(PageState.CHANGING);
    run.settleUnchanged(states, PageState.CLEAN);
    for (int page = 100; page < 120; page++) {
      int dirty = page >= 104 && page <= 106 ? PageState.DIRTY : PageState.CLEAN;
      assertThat(states.state(page)).isEqualTo(page == 115 ? PageState.LOGGED : dirty);
    }
  }

  @Test
  void runEndsAtAWritablePageUnlessItGoesThrough() {
    set(100, 119, PageState.CLEAN);
    set(104, 106, PageState.DIRTY);
    WriteRun run = take(110, false);
    assertThat(run.first()).isEqualTo(107);
    run.settleWritable(states);
    for (int page = 100; page < 120; page++) {
      boolean taken = page >= 104 && page <= 118;
      assertThat(states.state(page)).isEqualTo(taken ? PageState.DIRTY : PageState.CLEAN);
    }
  }

  private WriteRun take(int page, boolean through) {
    assertThat(states.change(page, PageState.CLEAN, PageState.CHANGING)).isTrue();
    WriteRun run = new WriteRun();
    run.begin(page);
    run.take(states, PageState.CLEAN, -1, 8, through);
    run.take(states, PageState.CLEAN, 1, 8, through);
    return run;
  }

  private void set(int first, int last, int state) {
    for (int page = first; page <= last; page++) {
      states.take(page);
      states.settle(page, state);
    }
  }
}
