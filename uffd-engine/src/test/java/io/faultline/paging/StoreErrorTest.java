package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.MemoryErrorException;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that fails never shows as zeros, as lost data or as a hang. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StoreErrorTest {
  private final LinkedBlockingQueue<PagingError> errors = new LinkedBlockingQueue<>();

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void javaCodeGetsAnExceptionAndMayTryAgain(String name) {
    MemoryStore store = new MemoryStore(20 * PAGE);
    try (Pager pager = Pager.open(PagingKernels.of(name), PagerOptions.of(16 * PAGE));
        PagedRegion region = pager.map(store, 20 * PAGE);
        PagedAccess access = region.access()) {
      store.readError = "the disk is gone";
      for (int i = 0; i < 50; i++) {
        assertThatThrownBy(() -> access.getLong(3 * PAGE))
            .isInstanceOf(PagingException.class)
            .hasMessageContaining("page 3")
            .hasMessageContaining("the disk is gone");
      }
      store.readError = null;
      store.bytes[(int) (3 * PAGE)] = 5;
      assertThat(access.getLong(3 * PAGE)).isEqualTo(5);
      assertThat(pager.stats().usedPages()).isEqualTo(1);
    }
  }

  /** On Linux it is SIGBUS, which would end this process: {@code PoisonedPageTest} does that. */
  @Test
  void nativeCodeGetsMemoryErrorsUntilTheyAreCleared() throws Exception {
    SimulatedKernel kernel = new SimulatedKernel();
    MemoryStore store = new MemoryStore(20 * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(16 * PAGE));
        PagedRegion region = pager.map(store, 20 * PAGE);
        PagedAccess access = region.access()) {
      region.onError(errors::add);
      store.readError = "the disk is gone";
      long address = region.address() + 3 * PAGE;
      assertThatThrownBy(() -> kernel.guestLoad(address)).isInstanceOf(MemoryErrorException.class);
      PagingError error = errors.poll(60, TimeUnit.SECONDS);
      assertThat(error).isNotNull();
      assertThat(error.kind()).isEqualTo(PagingError.Kind.READ);
      assertThat(error.offset()).isEqualTo(3 * PAGE);
      store.readError = null;
      assertThatThrownBy(() -> kernel.guestLoad(address)).isInstanceOf(MemoryErrorException.class);
      assertThatThrownBy(() -> access.getLong(3 * PAGE)).isInstanceOf(MemoryErrorException.class);
      region.clearErrors();
      assertThat(kernel.guestLoad(address)).isZero();
      assertThat(pager.stats().usedPages()).isEqualTo(1);
    }
  }

  /** The error of one page must not take the others of its window with it. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void errorConcernsOnlyThePageThatIsNeeded(String name) {
    int pages = 600;
    MemoryStore store = new MemoryStore(pages * PAGE);
    Arrays.fill(store.bytes, (byte) 1);
    PageStore bad = new BadRangeStore(store, 300 * PAGE, 301 * PAGE);
    try (Pager pager = Pager.open(PagingKernels.of(name), PagerOptions.of(4096 * PAGE));
        PagedRegion region = pager.map(bad, pages * PAGE);
        PagedAccess access = region.access()) {
      for (int page = 0; page < pages; page++) {
        long offset = page * PAGE;
        if (page == 300) {
          assertThatThrownBy(() -> access.getByte(offset)).isInstanceOf(PagingException.class);
        } else {
          assertThat(access.getByte(offset)).as("page " + page).isEqualTo((byte) 1);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void pagesThatCannotBeWrittenStayAndAreWrittenLater(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(100 * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(32 * PAGE));
        PagedRegion region = pager.map(store, 100 * PAGE)) {
      region.onError(errors::add);
      store.writeError = "no space left on device";
      for (int page = 0; page < 20; page++) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      assertThatThrownBy(region::flushAll)
          .isInstanceOf(PagingException.class)
          .hasMessageContaining("no space left");
      for (int page = 20; page < 32; page++) { // fills the buffer, so that pages are staged
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      PagingError error = errors.poll(60, TimeUnit.SECONDS);
      assertThat(error).isNotNull();
      assertThat(error.kind()).isEqualTo(PagingError.Kind.WRITE);
      for (int page = 0; page < 32; page++) {
        assertThat(kernel.guestLoad(region.address() + page * PAGE)).isEqualTo(page + 1);
      }
      assertThatThrownBy(region::close).isInstanceOf(PagingException.class);
      store.writeError = null;
      region.flushAll();
      for (int page = 0; page < 32; page++) {
        assertThat(store.bytes[(int) (page * PAGE)]).isEqualTo((byte) (page + 1));
      }
    }
  }

  /** Not even an Error ends a thread of the pager, or leaves a page that can never be filled. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void defectOfAStoreIsAnErrorOfThePage(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    MemoryStore store = new MemoryStore(100 * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(32 * PAGE));
        PagedRegion region = pager.map(store, 100 * PAGE);
        PagedAccess access = region.access()) {
      region.onError(
          error -> {
            errors.add(error);
            throw new StackOverflowError("the listener has a defect too");
          });
      store.defect = new AssertionError("a defect");
      for (int i = 0; i < 5; i++) { // more often than there are threads
        assertThatThrownBy(() -> access.getLong(3 * PAGE))
            .isInstanceOf(PagingException.class)
            .hasMessageContaining("a defect");
        if (name.equals("simulated")) {
          long address = region.address() + (10 + i) * PAGE;
          assertThatThrownBy(() -> kernel.guestLoad(address))
              .isInstanceOf(MemoryErrorException.class);
          assertThat(errors.poll(60, TimeUnit.SECONDS)).as("its report").isNotNull();
        }
      }
      store.defect = null;
      region.clearErrors();
      for (int page = 0; page < 20; page++) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      errors.clear();
      store.defect = new AssertionError("a defect");
      assertThatThrownBy(region::flushAll).hasMessageContaining("a defect");
      for (int page = 20; page < 32; page++) { // some of them from the buffer
        assertThatThrownBy(() -> access.getLong(99 * PAGE)).isInstanceOf(PagingException.class);
      }
      store.defect = null;
      for (int page = 0; page < 100; page++) {
        access.putLong(page * PAGE + 8, page);
      }
      for (int page = 0; page < 20; page++) {
        assertThat(access.getLong(page * PAGE)).as("page " + page).isEqualTo(page + 1);
      }
    }
  }

  /** A full disk with a buffer of dirty pages: accesses that need room fail, and do not hang. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void accessFailsIfNoPageCanLeave(String name) {
    MemoryStore store = new MemoryStore(100 * PAGE);
    try (Pager pager = Pager.open(PagingKernels.of(name), PagerOptions.of(32 * PAGE));
        PagedRegion region = pager.map(store, 100 * PAGE);
        PagedAccess access = region.access()) {
      store.writeError = "no space left on device";
      assertThatThrownBy(
              () -> {
                for (int page = 0; page < 100; page++) {
                  access.putLong(page * PAGE, page + 1);
                }
              })
          .isInstanceOf(PagingException.class)
          .hasMessageContaining("the store refuses writes");
      assertThat(pager.stats().mostUsedPages()).isEqualTo(32);
      store.writeError = null;
      region.flushAll();
      for (int page = 0; page < 100; page++) {
        access.putLong(page * PAGE + 8, page + 2);
      }
      for (int page = 0; page < 31; page++) {
        assertThat(access.getLong(page * PAGE)).as("page " + page).isEqualTo(page + 1);
      }
    }
    assertThat(store.bytes[(int) (99 * PAGE + 8)]).isEqualTo((byte) 101);
  }
}
