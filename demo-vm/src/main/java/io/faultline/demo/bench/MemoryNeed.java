package io.faultline.demo.bench;

import io.faultline.demo.bench.BenchCase.CannotRunException;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.Optional;

/**
 * The memory of the two ends of a migration, looked for before they start.
 *
 * @param ramBytes of each
 * @param huge whether that is of 2 MiB pages
 */
record MemoryNeed(Kernel kernel, long ramBytes, boolean huge) {
  /** Of each end, for what is not its memory. */
  private static final long ROOM = 256L << 20;

  /**
   * Borrows huge pages, where they are of use.
   *
   * @throws CannotRunException where there is not as much, with the reason
   */
  HugePageLoan lend() throws CannotRunException {
    long available = kernel.availableMemoryBytes();
    if (2 * (ramBytes + ROOM) > available) {
      throw new CannotRunException(
          String.format(
              "two VMs of %d MiB do not fit in the %d MiB that are available",
              ramBytes >> 20, available >> 20));
    }
    if (!huge) {
      return HugePageLoan.none();
    }
    long pages = Math.ceilDiv(ramBytes, kernel.pageSizeBytes(PageSize.HUGE_2M));
    return HugePageLoan.borrow(kernel, PageSize.HUGE_2M, 2 * pages);
  }

  /**
   * Looks whether a loan came to all that was wanted.
   *
   * @throws CannotRunException where it did not, with the reason
   */
  static void requireEnough(HugePageLoan loan) throws CannotRunException {
    Optional<String> shortage = loan.shortage();
    if (shortage.isPresent()) {
      throw new CannotRunException(shortage.get());
    }
  }
}
