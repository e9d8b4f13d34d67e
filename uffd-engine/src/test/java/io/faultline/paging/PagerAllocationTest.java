package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.faultline.paging.store.FileStore;
import io.faultline.uffd.Kernel;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Once compiled, the threads of a pager allocate nothing per fault, whatever leaves and returns.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerAllocationTest {
  private static final int PAGES = 2048;

  /** Less than an object per fault; a call that is not compiled yet may allocate now and then. */
  private static final long FEW_BYTES = PAGES;

  private static final long LIMIT_NANOS = 60_000_000_000L;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path directory;

  @Test
  void faultsEvictionsAndWritesAllocateNoObjects() throws Exception {
    Kernel kernel = PagingKernels.of("kernel");
    try (FileStore store = FileStore.open(directory.resolve("store"), PAGES * PAGE);
        Pager pager = Pager.open(kernel, PagerOptions.of(256 * PAGE));
        PagedRegion region = pager.map(store, PAGES * PAGE)) {
      List<Thread> ours =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith("faultline-"))
              .toList();
      assertThat(ours).hasSize(5);
      long least = Long.MAX_VALUE;
      long end = System.nanoTime() + LIMIT_NANOS;
      while (least >= FEW_BYTES && System.nanoTime() < end) {
        long before = allocated(ours);
        for (int page = 0; page < PAGES; page++) {
          kernel.guestStore(region.address() + page * PAGE, page);
          kernel.guestLoad(region.address() + page * 997L % PAGES * PAGE);
        }
        least = Math.min(least, allocated(ours) - before);
      }
      assertThat(least).isLessThan(FEW_BYTES);
    }
  }

  private long allocated(List<Thread> ours) {
    long sum = 0;
    for (Thread thread : ours) {
      sum += threads.getThreadAllocatedBytes(thread.threadId());
    }
    return sum;
  }
}
