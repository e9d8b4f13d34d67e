package io.faultline.cli.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.cli.bench.BenchCase.CannotRunException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.Optional;

/**
 * Pages of 2 MiB, borrowed when a case first needs them and kept to the end of the run. They are
 * touched once: a virtual machine gives memory that is free back to its hypervisor, and the first
 * touch after that takes ten times as long. Cases that run later would have it easier. For one
 * thread.
 */
final class HugePool implements AutoCloseable {
  private static final PageSize SIZE = PageSize.HUGE_2M;

  /** For cases that need a few more than the first one. */
  private static final long SPARE = 4;

  private final Kernel kernel;
  private HugePageLoan loan = HugePageLoan.none();
  private long pages;

  HugePool(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Whether that is there without borrowing more. */
  boolean covers(long bytes) {
    return pagesOf(bytes) <= pages;
  }

  /**
   * Sees to it that so much can be mapped.
   *
   * @throws CannotRunException where it cannot, with the reason
   */
  void require(long bytes) throws CannotRunException {
    if (covers(bytes)) {
      return;
    }
    close();
    long wanted = pagesOf(bytes) + SPARE;
    loan = HugePageLoan.borrow(kernel, SIZE, wanted);
    Optional<String> shortage = loan.shortage();
    if (shortage.isPresent()) {
      close();
      throw new CannotRunException(shortage.get());
    }
    pages = wanted;
    touch(wanted);
  }

  private void touch(long count) {
    long pageBytes = kernel.pageSizeBytes(SIZE);
    try (MemoryRegion region =
        MemoryRegion.map(kernel, 0, "warm", Backing.HUGETLB_2M, count * pageBytes)) {
      for (long page = 0; page < count; page++) {
        region.guest().data().set(JAVA_BYTE, page * pageBytes, (byte) 1);
      }
    }
  }

  private long pagesOf(long bytes) {
    return Math.ceilDiv(bytes, kernel.pageSizeBytes(SIZE));
  }

  @Override
  public void close() {
    pages = 0;
    loan.close();
    loan = HugePageLoan.none();
  }
}
