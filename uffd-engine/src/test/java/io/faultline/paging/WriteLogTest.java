package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which stores a log reports, on both kernels. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriteLogTest {
  private static final int PAGES = 200;
  private static final int BUFFER = 64;

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void pageIsReportedOnceForEachRoundInWhichItIsStoredTo(String name) {
    Kernel kernel = PagingKernels.of(name);
    try (Pager pager = pager(kernel);
        PagedRegion region = map(pager)) {
      region.advise(AccessAdvice.RANDOM, 0, PAGES * PAGE);
      store(kernel, region, 3);
      try (WriteLog log = region.startWriteLog()) {
        assertThat(collect(log)).as("stored to before the log").isEmpty();
        store(kernel, region, 3);
        store(kernel, region, 17);
        kernel.guestLoad(region.address() + 40 * PAGE);
        assertThat(collect(log)).containsExactly(3L, 17L);
        assertThat(collect(log)).isEmpty();
        store(kernel, region, 40);
        store(kernel, region, 3);
        assertThat(collect(log)).containsExactly(3L, 40L);
        assertThat(kernel.guestLoad(region.address() + 3 * PAGE)).isEqualTo(3);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void pageThatLeavesMemoryAfterAStoreIsReported(String name) {
    Kernel kernel = PagingKernels.of(name);
    try (Pager pager = pager(kernel);
        PagedRegion region = map(pager);
        WriteLog log = region.startWriteLog()) {
      region.advise(AccessAdvice.RANDOM, 0, PAGES * PAGE);
      store(kernel, region, 3);
      for (int page = 50; page < 50 + 2 * BUFFER; page++) {
        kernel.guestLoad(region.address() + page * PAGE);
      }
      assertThat(pager.stats().evictedDirty()).isPositive();
      assertThat(collect(log)).containsExactly(3L);
      region.flushAll(); // from staging it would come back writable, and so be reported
      assertThat(kernel.guestLoad(region.address() + 3 * PAGE)).isEqualTo(3);
      assertThat(collect(log)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void pageThatWasReportedMayLeaveAndIsNotReportedAgain(String name) {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(PAGES * PAGE);
    try (Pager pager = pager(kernel);
        PagedRegion region = pager.map(store, PAGES * PAGE);
        WriteLog log = region.startWriteLog()) {
      region.advise(AccessAdvice.RANDOM, 0, PAGES * PAGE);
      store(kernel, region, 3);
      assertThat(collect(log)).containsExactly(3L);
      for (int page = 50; page < 50 + 2 * BUFFER; page++) {
        kernel.guestLoad(region.address() + page * PAGE);
      }
      assertThat(pager.stats().evictedDirty()).as("it is newer than the store").isPositive();
      assertThat(collect(log)).isEmpty();
      assertThat(kernel.guestLoad(region.address() + 3 * PAGE)).isEqualTo(3);
    }
    assertThat(store.bytes[(int) (3 * PAGE)]).isEqualTo((byte) 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void flushAndLogLeaveEachOtherAlone(String name) {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(PAGES * PAGE);
    try (Pager pager = pager(kernel);
        PagedRegion region = pager.map(store, PAGES * PAGE);
        WriteLog log = region.startWriteLog()) {
      region.advise(AccessAdvice.RANDOM, 0, PAGES * PAGE);
      store(kernel, region, 3);
      region.flushAll();
      assertThat(collect(log)).as("stored to before the flush").containsExactly(3L);
      store(kernel, region, 4);
      assertThat(collect(log)).containsExactly(4L);
      region.flushAll();
      assertThat(store.bytes[(int) (4 * PAGE)]).as("reported, then flushed").isEqualTo((byte) 4);
      assertThat(collect(log)).isEmpty();
      kernel.guestStore(region.address() + 4 * PAGE, 5);
      region.flushAll();
      assertThat(store.bytes[(int) (4 * PAGE)]).isEqualTo((byte) 5);
      assertThat(collect(log)).containsExactly(4L);
    }
  }

  @Test
  void discardedPageIsReported() {
    Kernel kernel = PagingKernels.of("simulated");
    try (Pager pager = pager(kernel);
        PagedRegion region = map(pager)) {
      store(kernel, region, 3);
      try (WriteLog log = region.startWriteLog()) {
        region.discard(3 * PAGE, PAGE);
        assertThat(collect(log)).containsExactly(3L);
      }
    }
  }

  @Test
  void pagePinnedForStoresIsReportedEveryTime() {
    Kernel kernel = PagingKernels.of("simulated");
    try (Pager pager = pager(kernel);
        PagedRegion region = map(pager);
        WriteLog log = region.startWriteLog();
        PagedAccess access = region.access()) {
      access.putLong(3 * PAGE, 1);
      assertThat(collect(log)).containsExactly(3L);
      assertThat(access.holds(3 * PAGE, true)).as("still writable").isTrue();
      access.putLong(3 * PAGE, 2);
      assertThat(collect(log)).containsExactly(3L);
      access.release();
      assertThat(collect(log)).containsExactly(3L);
      assertThat(collect(log)).isEmpty();
      access.putLong(3 * PAGE, 3);
      assertThat(collect(log)).containsExactly(3L);
    }
  }

  @Test
  void stoppedApplicationIsNotSlowedDownLater() {
    Kernel kernel = PagingKernels.of("simulated");
    try (Pager pager = pager(kernel);
        PagedRegion region = map(pager);
        WriteLog log = region.startWriteLog()) {
      store(kernel, region, 3);
      PageBitmap dirty = new PageBitmap(PAGES);
      log.collectStopped(dirty);
      assertThat(dirty.get(3)).isTrue();
      long faults = pager.stats().protectFaults();
      store(kernel, region, 3);
      assertThat(pager.stats().protectFaults()).isEqualTo(faults);
      assertThat(collect(log)).containsExactly(3L);
    }
  }

  @Test
  void secondLogIsRefusedAndAnotherMayFollow() {
    Kernel kernel = PagingKernels.of("simulated");
    try (Pager pager = pager(kernel);
        PagedRegion region = map(pager)) {
      try (WriteLog _ = region.startWriteLog()) {
        assertThatThrownBy(region::startWriteLog)
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("close it first");
        store(kernel, region, 3);
      }
      try (WriteLog log = region.startWriteLog()) {
        store(kernel, region, 4);
        assertThat(collect(log)).containsExactly(4L);
      }
    }
  }

  private static Pager pager(Kernel kernel) {
    return Pager.open(kernel, PagerOptions.of(BUFFER * PAGE));
  }

  private static PagedRegion map(Pager pager) {
    return pager.map(new MemoryStore(PAGES * PAGE), PAGES * PAGE);
  }

  private static void store(Kernel kernel, PagedRegion region, long page) {
    kernel.guestStore(region.address() + page * PAGE, page);
  }

  private static List<Long> collect(WriteLog log) {
    PageBitmap dirty = new PageBitmap(PAGES);
    log.collect(dirty);
    List<Long> pages = new ArrayList<>();
    for (long page = dirty.nextSet(0); page < PAGES; page = dirty.nextSet(page + 1)) {
      pages.add(page);
    }
    return pages;
  }
}
