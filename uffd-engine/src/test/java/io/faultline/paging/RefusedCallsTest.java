package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Errno;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A kernel that refuses calls, or a listener that fails, never leaves a page in between. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RefusedCallsTest {
  @Test
  void fillThatIsRefusedFailsAndIsTriedAgain() {
    AtomicInteger refusals = new AtomicInteger(3);
    Kernel kernel =
        RefusingUserfaultfd.kernel(
            new SimulatedKernel(),
            (call, arguments) ->
                call.equals("copy") && refusals.getAndDecrement() > 0 ? Errno.EINVAL : 0);
    MemoryStore store = new MemoryStore(20 * PAGE);
    store.bytes[(int) PAGE] = 7;
    try (Pager pager = Pager.open(kernel, PagerOptions.of(16 * PAGE));
        PagedRegion region = pager.map(store, 20 * PAGE);
        PagedAccess access = region.access()) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> access.getLong(PAGE))
            .isInstanceOf(PagingException.class)
            .hasMessageContaining("cannot place the page");
        assertThat(pager.stats().usedPages()).isZero();
      }
      assertThat(access.getLong(PAGE)).isEqualTo(7);
      assertThat(pager.stats().usedPages()).isEqualTo(1);
    }
  }

  /**
   * Events that nobody has read yet block all fills: the thread that waits must not be forgotten.
   */
  @Test
  void faultWhoseFillIsDeferredIsServedWithoutAnotherEvent() {
    AtomicInteger refusals = new AtomicInteger();
    SimulatedKernel memory = new SimulatedKernel();
    Kernel kernel =
        RefusingUserfaultfd.kernel(
            memory,
            (call, arguments) ->
                call.equals("copy") && refusals.getAndDecrement() > 0 ? Errno.EAGAIN : 0);
    MemoryStore store = new MemoryStore(200 * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(64 * PAGE).withHandlers(1));
        PagedRegion region = pager.map(store, 200 * PAGE)) {
      for (int page = 0; page < 200; page += 3) {
        refusals.set(20);
        long begun = System.nanoTime();
        assertThat(memory.guestLoad(region.address() + page * PAGE)).isZero();
        assertThat(System.nanoTime() - begun).as("page " + page).isLessThan(60_000_000_000L);
      }
      assertThat(pager.stats().errors()).isZero();
    }
  }

  /** Its pages stay dirty, so that a store after it is written by the next one. */
  @Test
  void flushWithoutProtectionKeepsPagesDirty() {
    Kernel kernel =
        RefusingUserfaultfd.kernel(
            new SimulatedKernel(),
            (call, arguments) -> call.equals("writeProtect") ? Errno.EINVAL : 0);
    MemoryStore store = new MemoryStore(20 * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(16 * PAGE));
        PagedRegion region = pager.map(store, 20 * PAGE)) {
      for (int value = 1; value < 4; value++) {
        kernel.guestStore(region.address(), value);
        region.flushAll();
        assertThat(store.bytes[0]).isEqualTo((byte) value);
      }
    }
  }

  @Test
  void listenerThatFailsStopsNoThread() throws Exception {
    SimulatedKernel kernel = new SimulatedKernel();
    MemoryStore store = new MemoryStore(100 * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(32 * PAGE));
        PagedRegion region = pager.map(store, 100 * PAGE)) {
      AtomicInteger errors = new AtomicInteger();
      region.onError(
          error -> {
            errors.incrementAndGet();
            throw new IllegalStateException("the listener of a test fails");
          });
      store.writeError = "no space left on device";
      for (int page = 0; page < 32; page++) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      while (errors.get() == 0) {
        Thread.sleep(1);
      }
      store.writeError = null;
      for (int page = 0; page < 100; page++) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      region.flushAll();
    }
    assertThat(store.bytes[(int) (99 * PAGE)]).isEqualTo((byte) 100);
  }
}
