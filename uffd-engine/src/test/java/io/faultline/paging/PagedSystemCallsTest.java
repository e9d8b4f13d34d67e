package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.paging.store.FileStore;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.conformance.Conformance;
import io.faultline.uffd.conformance.Engine;
import io.faultline.uffd.linux.DirectFile;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** System calls with memory of a region, on Linux. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagedSystemCallsTest {
  private static final int PAGES = 512;
  private static final int CHUNK = 32;

  private final Kernel kernel = PagingKernels.of("kernel");

  @TempDir Path directory;

  /**
   * The kernel pins pages of the region for its I/O while the evictor wants them. On old kernels
   * and with a pager that writes from the region itself, this is where everything stops.
   */
  @Test
  void directInputAndOutputFromARegionGoesOnBesideEviction() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (FileStore store = FileStore.open(directory.resolve("store"), 2L * PAGES * PAGE);
        DirectFile file = DirectFile.open(directory.resolve("copy"), (int) PAGE);
        Pager pager = Pager.open(kernel, PagerOptions.of(96 * PAGE));
        PagedRegion region = pager.map(store, 2L * PAGES * PAGE)) {
      file.setSize(PAGES * PAGE);
      long copied = region.address();
      long other = region.address() + PAGES * PAGE;
      CompletableFuture<Void> dirtying =
          CompletableFuture.runAsync(
              () -> dirty(other, over), command -> new Thread(command).start());
      for (int page = 0; page < PAGES; page++) {
        NativeMemset.set(copied + page * PAGE, page + 1, PAGE);
      }
      long end = System.nanoTime() + 4_000_000_000L;
      for (int round = 0; round == 0 || System.nanoTime() < end; round++) {
        transfer(file, copied, round % 2 == 0);
      }
      over.set(true);
      dirtying.get();
      for (int page = 0; page < PAGES; page++) {
        NativeMemset.set(other, page + 1, PAGE);
        assertThat(NativeMemset.equal(copied + page * PAGE, other, PAGE))
            .as("page " + page)
            .isTrue();
      }
      assertThat(pager.stats().errors()).isZero();
      assertThat(pager.stats().evictedDirty()).isGreaterThan(PAGES);
      assertThat(pager.stats().mostUsedPages()).isLessThanOrEqualTo(96);
    } finally {
      over.set(true);
    }
  }

  private static void transfer(DirectFile file, long address, boolean out) throws Exception {
    for (long at = 0; at < PAGES * PAGE; at += CHUNK * PAGE) {
      if (out) {
        file.write(at, address + at, CHUNK * PAGE);
      } else {
        assertThat(file.read(at, address + at, CHUNK * PAGE)).isEqualTo(CHUNK * PAGE);
      }
    }
  }

  private static void dirty(long address, AtomicBoolean over) {
    for (long i = 0; !over.get(); i++) {
      NativeMemset.set(address + i * 37 % PAGES * PAGE + 64, (int) i, 64);
    }
  }

  /** The kernel does not move pages that a child shares: so a child must not have the region. */
  @Test
  void forkedChildDoesNotKeepPagesFromLeaving() throws Exception {
    Engine engine = Conformance.kernel();
    try (Pager pager = Pager.open(engine.kernel(), PagerOptions.of(32 * PAGE));
        PagedRegion region = pager.map(new MemoryStore(200 * PAGE), 200 * PAGE)) {
      for (int page = 0; page < 32; page++) {
        kernel.guestStore(region.address() + page * PAGE, page);
      }
      try (Engine.Child child = engine.fork(List.of(new Engine.Step.Pause()))) {
        for (int page = 32; page < 200; page++) {
          kernel.guestStore(region.address() + page * PAGE, page);
        }
        assertThat(child.hasEnded()).isFalse();
      }
      for (int page = 0; page < 200; page++) {
        assertThat(kernel.guestLoad(region.address() + page * PAGE)).isEqualTo(page);
      }
      assertThat(pager.stats().busy()).isZero();
    }
  }
}
