package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Kernel;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A region whose memory the application unmaps or moves: what is lost is said, the rest is kept.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LostRegionTest {
  private static final int PAGES = 200;

  private final LinkedBlockingQueue<PagingError> errors = new LinkedBlockingQueue<>();
  private final MemoryStore store = new MemoryStore(PAGES * PAGE);

  private void awaitLoss(String how) throws InterruptedException {
    PagingError error = errors.poll(60, TimeUnit.SECONDS);
    assertThat(error).isNotNull();
    assertThat(error.kind()).isEqualTo(PagingError.Kind.MAPPING);
    assertThat(error.message()).contains(how);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void closingWritesWhatHadLeftTheMemoryBefore(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(64 * PAGE))) {
      PagedRegion region = pager.map(store, PAGES * PAGE);
      region.onError(errors::add);
      store.delayMillis = 1;
      for (int page = 0; page < PAGES; page++) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      kernel.unmap(region.address(), 10 * PAGE); // a part is enough
      awaitLoss("unmapped by the application");
      assertThatThrownBy(region::flushAll)
          .isInstanceOf(PagingException.class)
          .hasMessageContaining("unmapped by the application");
      long resident = region.residentPages();
      assertThat(resident).isBetween(1L, 64L);
      region.close();
      assertThat(pager.stats().usedPages()).isZero();
      int written = 0;
      for (int page = 0; page < PAGES; page++) {
        written += store.bytes[(int) (page * PAGE)] == (byte) (page + 1) ? 1 : 0;
      }
      assertThat(written).isGreaterThanOrEqualTo((int) (PAGES - resident));
      kernel.unmap(region.address() + 10 * PAGE, (PAGES - 10) * PAGE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void regionThatIsMovedIsLost(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(64 * PAGE))) {
      PagedRegion region = pager.map(store, PAGES * PAGE);
      region.onError(errors::add);
      kernel.guestStore(region.address(), 7);
      long moved = kernel.remap(region.address(), PAGES * PAGE);
      awaitLoss("moved by the application");
      assertThat(kernel.guestLoad(moved)).as("what is in memory stays there").isEqualTo(7);
      region.close();
      kernel.unmap(moved, PAGES * PAGE);
    }
  }

  /** On Linux a plain load of memory that is gone would end the process. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void memoryThatIsUnmappedDuringAFlushEndsTheFlush(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(256 * PAGE))) {
      PagedRegion region = pager.map(store, PAGES * PAGE);
      region.onError(errors::add);
      for (int page = 0; page < PAGES; page++) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      AtomicBoolean unmapped = new AtomicBoolean();
      store.beforeWrite =
          () -> {
            if (!unmapped.getAndSet(true)) {
              kernel.unmap(region.address(), PAGES * PAGE);
            }
          };
      assertThatThrownBy(region::flushAll)
          .isInstanceOf(PagingException.class)
          .hasMessageContaining("cannot be written");
      awaitLoss("unmapped by the application");
      assertThat(store.bytes[0]).as("what had been read before").isEqualTo((byte) 1);
      region.close();
      assertThat(pager.stats().usedPages()).isZero();
    }
  }
}
