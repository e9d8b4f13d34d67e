package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pages that the application locks, or that a pipe holds, on Linux. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HeldPagesTest {
  private static final int PAGES = 200;
  private static final Linker LINKER = Linker.nativeLinker();

  private final Kernel kernel = PagingKernels.of("kernel");

  private static MethodHandle function(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
  }

  private static int lock(String call, long address, long bytes) throws Throwable {
    FunctionDescriptor type = FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);
    return (int) function(call, type).invokeExact(address, bytes);
  }

  private void storeAll(PagedRegion region, int first, int offset) {
    for (int page = first; page < PAGES; page++) {
      kernel.guestStore(region.address() + page * PAGE + 8L * offset, page + offset);
    }
  }

  /** The kernel neither moves nor drops them. */
  @Test
  void lockedPagesStayAndOthersLeave() throws Throwable {
    MemoryStore store = new MemoryStore(PAGES * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(64 * PAGE));
        PagedRegion region = pager.map(store, PAGES * PAGE)) {
      storeAll(region, 0, 1);
      assumeTrue(lock("mlock", region.address(), 8 * PAGE) == 0, "mlock is not permitted");
      storeAll(region, 8, 2);
      storeAll(region, 8, 3);
      for (int page = 0; page < 8; page++) {
        assertThat(kernel.openPagemap().isPresent(region.address() + page * PAGE)).isTrue();
      }
      region.flushAll();
      assertThat(store.bytes[(int) (7 * PAGE + 8)]).isEqualTo((byte) 8);
      assertThat(lock("munlock", region.address(), 8 * PAGE)).isZero();
      storeAll(region, 8, 4);
      storeAll(region, 8, 5);
      assertThat(kernel.openPagemap().isPresent(region.address() + PAGE)).isFalse();
      for (int page = 0; page < PAGES; page++) {
        long address = region.address() + page * PAGE;
        assertThat(kernel.guestLoad(address + 8)).isEqualTo(page + 1);
        assertThat(kernel.guestLoad(address + 24)).isEqualTo(page < 8 ? 0 : page + 3);
      }
      assertThat(pager.stats().errors()).isZero();
    }
  }

  /**
   * The kernel moves a page that a pipe holds (vmsplice(2)): the region keeps what is stored, and
   * the pipe shows the page as it was, or as it is later.
   */
  @Test
  void pageThatAPipeHoldsLeavesAndReturns() throws Throwable {
    MemoryStore store = new MemoryStore(PAGES * PAGE);
    MethodHandle vmsplice =
        function(
            "vmsplice", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    MethodHandle read =
        function("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
    MethodHandle close = function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    try (Arena arena = Arena.ofConfined();
        Pager pager = Pager.open(kernel, PagerOptions.of(64 * PAGE));
        PagedRegion region = pager.map(store, PAGES * PAGE)) {
      MemorySegment ends = arena.allocate(JAVA_INT, 2);
      MethodHandle pipe = function("pipe", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
      assertThat((int) pipe.invokeExact(ends.address())).isZero();
      kernel.guestStore(region.address(), 1);
      MemorySegment vector = arena.allocate(JAVA_LONG, 2);
      vector.setAtIndex(JAVA_LONG, 0, region.address());
      vector.setAtIndex(JAVA_LONG, 1, PAGE);
      int in = ends.getAtIndex(JAVA_INT, 1);
      assertThat((long) vmsplice.invokeExact(in, vector.address(), 1L, 0)).isEqualTo(PAGE);
      storeAll(region, 1, 1);
      assertThat(kernel.guestLoad(region.address())).isEqualTo(1);
      kernel.guestStore(region.address(), 2);
      storeAll(region, 1, 2);
      assertThat(kernel.guestLoad(region.address())).isEqualTo(2);
      MemorySegment shown = arena.allocate(PAGE, 8);
      int out = ends.getAtIndex(JAVA_INT, 0);
      assertThat((long) read.invokeExact(out, shown.address(), PAGE)).isEqualTo(PAGE);
      assertThat(shown.get(JAVA_LONG, 0)).isIn(1L, 2L);
      assertThat((int) close.invokeExact(in) + (int) close.invokeExact(out)).isZero();
      assertThat(pager.stats().errors()).isZero();
    }
  }
}
