package io.faultline.tests.migration;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Feature;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;

/** What tests of whole migrations need of this machine, or they are skipped with the reason. */
public final class Machine {
  private Machine() {}

  /** The kernel, with userfaultfd and minor faults. */
  public static Kernel kernel() {
    Kernel kernel = new LinuxKernel();
    try (Userfaultfd probe =
        kernel.openUserfaultfd(
            OpenOptions.of(Feature.MINOR_SHMEM, Feature.MINOR_HUGETLBFS, Feature.WP_ASYNC))) {
      assumeTrue(probe.fd() >= 0);
    } catch (SystemCallException e) {
      assumeTrue(false, "no userfaultfd with minor faults and WP_ASYNC: " + e.getMessage());
    }
    return kernel;
  }

  /** Huge pages for both ends. */
  public static HugePageLoan hugePages(Kernel kernel, PageSize size, long pages) {
    HugePageLoan loan = HugePageLoan.borrow(kernel, size, pages);
    if (loan.shortage().isPresent()) {
      loan.close();
      assumeTrue(false, loan.shortage().get());
    }
    return loan;
  }
}
