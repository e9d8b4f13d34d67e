package io.faultline.uffd.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.simulated.SimulatedKernel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessMadviseTest {
  private static final int PAGES = 5_000;
  private static final int RANGES = PAGES / 2;

  private final long[] addresses = new long[RANGES + 1]; // one more than is used
  private final long[] lengths = new long[RANGES + 1];

  @BeforeEach
  void requireLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
  }

  @Test
  void exactlyEverySecondPageIsDropped() {
    dropsEverySecondPage(new LinuxKernel());
  }

  @Test
  void kernelWithoutTheCallAdvisesRangesOneByOne() {
    dropsEverySecondPage(new SimulatedKernel());
  }

  private void dropsEverySecondPage(Kernel kernel) {
    long page = kernel.pageSizeBytes(PageSize.BASE);
    long start = touched(kernel, page);
    try (Pagemap pagemap = kernel.openPagemap()) {
      everySecond(start, page);
      kernel.adviseAll(addresses, lengths, RANGES, Advice.DONT_NEED);
      for (int i = 0; i < PAGES; i++) {
        assertThat(pagemap.isPresent(start + i * page)).as("page " + i).isEqualTo(i % 2 == 1);
      }
    } finally {
      kernel.unmap(start, PAGES * page);
    }
  }

  @Test
  void refusedRangeIsNamedAndRangesBeforeItAreAdvised() {
    Kernel kernel = new LinuxKernel();
    long page = kernel.pageSizeBytes(PageSize.BASE);
    long start = touched(kernel, page);
    int wrong = 1_500;
    try (Pagemap pagemap = kernel.openPagemap()) {
      everySecond(start, page);
      addresses[wrong]++;
      assertThatThrownBy(() -> kernel.adviseAll(addresses, lengths, RANGES, Advice.DONT_NEED))
          .isInstanceOf(SystemCallException.class)
          .hasMessageContaining("address=0x" + Long.toHexString(addresses[wrong]));
      assertThat(pagemap.isPresent(addresses[wrong - 1])).isFalse();
      assertThat(pagemap.isPresent(addresses[wrong + 1])).isTrue();
    } finally {
      kernel.unmap(start, PAGES * page);
    }
  }

  @Test
  void manyRangesTakeOneCall() {
    Kernel kernel = new LinuxKernel();
    long page = kernel.pageSizeBytes(PageSize.BASE);
    long start = touched(kernel, page);
    try {
      everySecond(start, page);
      int done =
          ProcessMadvise.advise(addresses, lengths, 0, ProcessMadvise.MAX_RANGES, Advice.DONT_NEED);
      assumeTrue(done > 0, "the kernel has no process_madvise for the calling process");
      assertThat(done).isEqualTo(ProcessMadvise.MAX_RANGES);
    } finally {
      kernel.unmap(start, PAGES * page);
    }
  }

  private static long touched(Kernel kernel, long page) {
    long start = kernel.map(MapRequest.anonymous(PAGES * page, PageSize.BASE));
    kernel.advise(start, PAGES * page, Advice.NO_HUGE_PAGE);
    for (int i = 0; i < PAGES; i++) {
      kernel.guestStore(start + i * page, i);
    }
    return start;
  }

  private void everySecond(long start, long page) {
    for (int i = 0; i < RANGES; i++) {
      addresses[i] = start + 2L * i * page;
      lengths[i] = page;
    }
  }
}
