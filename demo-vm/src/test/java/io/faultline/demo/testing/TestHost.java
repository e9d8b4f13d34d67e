package io.faultline.demo.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.FaultScope;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import java.time.Duration;

/** The kernel of this machine. A test is skipped if the kernel lacks what the test needs. */
public final class TestHost {
  public static final Kernel KERNEL = new LinuxKernel();

  /** For what takes far less, however busy the machine is. */
  public static final Duration LIMIT = Duration.ofSeconds(60);

  public static final long MIB = 1 << 20;

  private TestHost() {}

  /** Skips the test unless so many huge pages of 2 MiB are free. */
  public static void assumeHugePages(long pages) {
    long available = KERNEL.hugePagePool(PageSize.HUGE_2M).map(HugePagePool::available).orElse(0L);
    assumeTrue(
        available >= pages, pages + " free huge pages of 2 MiB are needed, not " + available);
  }

  /** Borrows huge pages of 2 MiB; skips the test if there are too few. */
  public static HugePageLoan borrowHugePages(long pages) {
    HugePageLoan loan = HugePageLoan.borrow(KERNEL, PageSize.HUGE_2M, pages);
    if (loan.shortage().isPresent()) {
      loan.close();
      assumeTrue(false, loan.shortage().get());
    }
    return loan;
  }

  /** Opens a userfaultfd; skips the test if the kernel does not allow one of this scope. */
  public static Userfaultfd openUserfaultfd(FaultScope scope) {
    try {
      return KERNEL.openUserfaultfd(OpenOptions.of().withScope(scope));
    } catch (SystemCallException e) {
      assumeTrue(false, "no userfaultfd of scope " + scope + ": " + e.getMessage());
      throw e;
    }
  }

  /** Skips the test if KVM's accesses to guest memory cannot be caught. */
  public static void assumeKernelFaults() {
    openUserfaultfd(FaultScope.USER_AND_KERNEL).close();
  }
}
