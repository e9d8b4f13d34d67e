package io.faultline.memory;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.linux.LinuxKernel;

/** Kernels and huge pages for tests, which are skipped if this machine lacks them. */
final class TestKernels {
  private TestKernels() {}

  static Kernel linux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    return new LinuxKernel();
  }

  static Kernel linuxWithUserfaultfd() {
    Kernel kernel = linux();
    assumeTrue(!kernel.supportedFeatures().isEmpty(), "the kernel refuses userfaultfd");
    return kernel;
  }

  /** Enlarges the pool if permitted; closing gives the pages back. */
  static HugePageLoan hugePages(Kernel kernel, PageSize size, long pages) {
    HugePageLoan loan = HugePageLoan.borrow(kernel, size, pages);
    if (loan.shortage().isPresent()) {
      loan.close();
    }
    assumeTrue(loan.shortage().isEmpty(), () -> loan.shortage().orElseThrow());
    return loan;
  }
}
