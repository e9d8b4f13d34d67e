package io.faultline.paging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a region shows, on both kernels. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerTest {
  private static final long PAGE = 4096;

  static Kernel kernel(String name) {
    if (name.equals("simulated")) {
      return new SimulatedKernel();
    }
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    Kernel kernel = new LinuxKernel();
    assumeTrue(kernel.supportedFeatures().contains(Feature.MOVE), "the kernel lacks UFFDIO_MOVE");
    return kernel;
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void regionLargerThanTheBufferKeepsWhatWasStored(String name) {
    Kernel kernel = kernel(name);
    int pages = 2000;
    MemoryStore store = new MemoryStore(pages * PAGE);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(64 * PAGE));
        PagedRegion region = pager.map(store, pages * PAGE)) {
      region.onError(error -> System.err.println(error));
      for (int round = 0; round < 3; round++) {
        for (long page = 0; page < pages; page++) {
          long address = region.address() + page * PAGE + 8 * round;
          assertThat(kernel.guestLoad(address)).as("page " + page).isZero();
          kernel.guestStore(address, page + round);
        }
      }
      for (long page = pages - 1; page >= 0; page--) {
        for (int round = 0; round < 3; round++) {
          long address = region.address() + page * PAGE + 8 * round;
          assertThat(kernel.guestLoad(address)).as("page " + page).isEqualTo(page + round);
        }
      }
      assertThat(pager.stats().mostUsedPages()).isLessThanOrEqualTo(64);
      System.err.println(pager.stats());
    }
  }
}
