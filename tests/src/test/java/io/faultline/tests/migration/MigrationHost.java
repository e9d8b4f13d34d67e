package io.faultline.tests.migration;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import java.nio.file.Files;
import java.nio.file.Path;

/** What migration tests need of this machine; without it they are skipped, with the reason. */
public final class MigrationHost {
  public static final Path KVM_DEVICE = Path.of("/dev/kvm");

  private MigrationHost() {}

  /** The kernel; skips the test unless it has userfaultfd with minor faults and WP_ASYNC. */
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

  /** Skips the test, with the reason, if KVM VMs cannot be migrated here. */
  public static void assumeKvm() {
    assumeTrue(whyNoKvm().isEmpty(), whyNoKvm());
  }

  /** Whether KVM VMs can be migrated here. */
  public static boolean hasKvm() {
    return whyNoKvm().isEmpty();
  }

  private static String whyNoKvm() {
    if (!System.getProperty("os.arch", "").equals("amd64")) {
      return "KVM is supported only on x86-64";
    }
    if (!Files.isReadable(KVM_DEVICE) || !Files.isWritable(KVM_DEVICE)) {
      return KVM_DEVICE + " is missing or not accessible to this user";
    }
    OpenOptions options = OpenOptions.of().withScope(FaultScope.USER_AND_KERNEL);
    try (Userfaultfd probe = new LinuxKernel().openUserfaultfd(options)) {
      return probe.scope() == FaultScope.USER_AND_KERNEL
          ? ""
          : "faults of the kernel cannot be handled";
    } catch (SystemCallException e) {
      return "faults of the kernel cannot be handled: " + e.getMessage();
    }
  }

  /** Borrows huge pages for both sides; skips the test if there are too few. */
  public static HugePageLoan hugePages(Kernel kernel, PageSize size, long pages) {
    HugePageLoan loan = HugePageLoan.borrow(kernel, size, pages);
    if (loan.shortage().isPresent()) {
      loan.close();
      assumeTrue(false, loan.shortage().get());
    }
    return loan;
  }
}
