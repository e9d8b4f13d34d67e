package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.simulated.SimulatedKernel;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store that does not return from a call is reported, and others stop to wait for it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HungStoreTest {
  private final CountDownLatch released = new CountDownLatch(1);
  private final LinkedBlockingQueue<PagingError> errors = new LinkedBlockingQueue<>();
  private final MemoryStore store = new MemoryStore(100 * PAGE);

  private void hang() {
    try {
      released.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void closeEndsWithTheReasonAndWorksOnceTheStoreReturns() throws Exception {
    PagerOptions options =
        PagerOptions.of(32 * PAGE).withWriters(1).withStorePatience(Duration.ofMillis(200));
    SimulatedKernel kernel = new SimulatedKernel();
    try (Pager pager = Pager.open(kernel, options)) {
      PagedRegion region = pager.map(store, 100 * PAGE);
      region.onError(errors::add);
      store.beforeWrite = this::hang;
      for (int page = 0; page < 32; page++) { // the last ones make the first leave
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      PagingError error = errors.poll(60, TimeUnit.SECONDS);
      assertThat(error).isNotNull();
      assertThat(error.kind()).isEqualTo(PagingError.Kind.WRITE);
      assertThat(error.message()).contains("does not return from a write of");
      store.beforeWrite = () -> {}; // for the thread that closes
      assertThatThrownBy(region::close)
          .isInstanceOf(PagingException.class)
          .hasMessageContaining("has not returned from a call for too long");
      assertThatThrownBy(region::abandon)
          .isInstanceOf(PagingException.class)
          .hasMessageContaining("cannot be closed");
      released.countDown();
      region.close();
      assertThat(errors).as("reports of one call").isEmpty();
    } finally {
      released.countDown();
    }
    for (int page = 0; page < 32; page++) {
      assertThat(store.bytes[(int) (page * PAGE)]).isEqualTo((byte) (page + 1));
    }
  }
}
