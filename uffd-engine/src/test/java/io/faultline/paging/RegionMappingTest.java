package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.paging.store.FileStore;
import io.faultline.paging.store.StoreRange;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where regions are, and over which part of which store. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RegionMappingTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void regionAtAnOffsetShowsAndWritesItsPartOfAFile(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    byte[] bytes = new byte[(int) (20 * PAGE)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i / PAGE);
    }
    Path file = Files.write(directory.resolve("store"), bytes);
    try (FileStore store = FileStore.open(file);
        Pager pager = Pager.open(kernel, PagerOptions.of(16 * PAGE));
        PagedRegion first =
            pager.map(StoreRange.of(store, 5 * PAGE, 3 * PAGE + 104), 3 * PAGE + 104);
        PagedRegion second = pager.map(StoreRange.from(store, 10 * PAGE), 10 * PAGE)) {
      assertThat((byte) kernel.guestLoad(first.address() + 2 * PAGE)).isEqualTo((byte) 7);
      assertThat(kernel.guestLoad(first.address() + 3 * PAGE + 104)).as("past its end").isZero();
      assertThat((byte) kernel.guestLoad(second.address())).isEqualTo((byte) 10);
      kernel.guestStore(first.address() + 3 * PAGE, 99);
      kernel.guestStore(second.address() + 9 * PAGE, 98);
    }
    byte[] after = Files.readAllBytes(file);
    assertThat(after).hasSize(bytes.length);
    assertThat(after[(int) (8 * PAGE)]).isEqualTo((byte) 99);
    assertThat(after[(int) (8 * PAGE + 104)]).as("what follows the region").isEqualTo((byte) 8);
    assertThat(after[(int) (9 * PAGE)]).isEqualTo((byte) 9);
    assertThat(after[(int) (19 * PAGE)]).isEqualTo((byte) 98);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void twoThousandRegionsShareAPager(String name) {
    Kernel kernel = PagingKernels.of(name);
    List<PagedRegion> regions = new ArrayList<>();
    try (Pager pager = Pager.open(kernel, PagerOptions.of(256 * PAGE))) {
      for (int i = 0; i < 2_000; i++) {
        regions.add(pager.map(new MemoryStore(3 * PAGE), 3 * PAGE));
        kernel.guestStore(regions.get(i).address() + PAGE, i + 1);
      }
      for (int i = 0; i < 2_000; i++) {
        assertThat(kernel.guestLoad(regions.get(i).address() + PAGE)).isEqualTo(i + 1);
      }
      assertThat(pager.stats().mostUsedPages()).isLessThanOrEqualTo(256);
      assertThat(pager.stats().errors()).isZero();
    }
  }

  @Test
  void moreRegionsThanAPagerCanHaveAreRefused() {
    SimulatedKernel kernel = new SimulatedKernel();
    try (Pager pager = Pager.open(kernel, PagerOptions.of(256 * PAGE))) {
      MemoryStore store = new MemoryStore(PAGE);
      List<PagedRegion> regions = new ArrayList<>();
      for (int i = 0; i < 4096; i++) {
        regions.add(pager.map(store, PAGE));
      }
      assertThatThrownBy(() -> pager.map(store, PAGE))
          .isInstanceOf(PagingException.class)
          .hasMessage("the pager has 4096 regions, the maximum: close one");
      regions.get(7).close();
      kernel.guestStore(pager.map(store, PAGE).address(), 5);
    }
  }

  @Test
  void closedRegionLeavesNoMemoryAndNoAddresses() throws Exception {
    Kernel kernel = PagingKernels.of("kernel");
    try (Pager pager = Pager.open(kernel, PagerOptions.of(64 * PAGE))) {
      MemoryStore store = new MemoryStore(1000 * PAGE);
      for (int round = 1; round < 50; round++) {
        PagedRegion region = pager.map(store, 1000 * PAGE);
        for (int page = 0; page < 20; page++) {
          kernel.guestStore(region.address() + page * PAGE, round);
        }
        region.close();
        awaitNoUsedPage(pager);
        String start = Long.toHexString(region.address()) + "-";
        assertThat(Files.readString(Path.of("/proc/self/maps"))).doesNotContain(start);
      }
      assertThat(store.bytes[(int) (19 * PAGE)]).isEqualTo((byte) 49);
    }
  }

  /** A handler that was about to read ahead gives its frames back a moment later. */
  private static void awaitNoUsedPage(Pager pager) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (pager.stats().usedPages() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(100_000);
    }
    assertThat(pager.stats().usedPages()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void readOnlyRegionIsReadFromAReadOnlyStore(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    byte[] bytes = new byte[(int) (100 * PAGE)];
    bytes[(int) (50 * PAGE)] = 7;
    Path file = Files.write(directory.resolve("store"), bytes);
    try (FileStore store = FileStore.openReadOnly(file);
        Pager pager = Pager.open(kernel, PagerOptions.of(16 * PAGE))) {
      assertThatThrownBy(() -> pager.map(store, 100 * PAGE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(file + " is read-only: map it read-only, or put a delta over it");
      try (PagedRegion region = pager.map(store, 100 * PAGE, RegionOptions.DEFAULT.readOnly());
          PagedAccess access = region.access()) {
        for (int page = 0; page < 100; page++) {
          assertThat(access.getByte(page * PAGE)).isEqualTo((byte) (page == 50 ? 7 : 0));
        }
        assertThatThrownBy(() -> access.putLong(0, 1))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("is read-only");
        assertThatThrownBy(() -> region.discard(0, PAGE)).isInstanceOf(IllegalStateException.class);
        access.release();
        if (name.equals("simulated")) { // on Linux SIGBUS would end this process
          refusesStores(kernel, region);
        }
        region.flushAll();
      }
    }
  }

  private static void refusesStores(Kernel kernel, PagedRegion region) throws Exception {
    LinkedBlockingQueue<PagingError> errors = new LinkedBlockingQueue<>();
    region.onError(errors::add);
    for (long offset : new long[] {0, 99 * PAGE}) { // absent, and in memory
      assertThatThrownBy(() -> kernel.guestStore(region.address() + offset, 1))
          .isInstanceOf(MemoryErrorException.class);
      PagingError error = errors.poll(60, TimeUnit.SECONDS);
      assertThat(error).isNotNull();
      assertThat(error.message()).contains("was stored to, but is read-only");
    }
    region.clearErrors();
    assertThat(kernel.guestLoad(region.address() + 99 * PAGE)).isZero();
  }
}
