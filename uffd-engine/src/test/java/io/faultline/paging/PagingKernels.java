package io.faultline.paging;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;

/** The kernels on which a pager is tested. */
final class PagingKernels {
  static final long PAGE = 4096;

  private PagingKernels() {}

  /**
   * @param name {@code kernel}, which skips the test if it cannot page, or {@code simulated}
   */
  static Kernel of(String name) {
    if (name.equals("simulated")) {
      return new SimulatedKernel();
    }
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    Kernel kernel = new LinuxKernel();
    assumeTrue(kernel.supportedFeatures().contains(Feature.MOVE), "the kernel lacks UFFDIO_MOVE");
    return kernel;
  }
}
