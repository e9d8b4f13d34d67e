package io.faultline.tests.process;

import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.linux.LinuxKernel;

/** The machine's pool of 2 MiB pages. */
final class HugePages {
  private HugePages() {}

  /** Sees to it that so many are free, as far as this user may. */
  static Reservation reserve(long pages) {
    return new Reservation(HugePageLoan.borrow(new LinuxKernel(), PageSize.HUGE_2M, pages));
  }

  /** Pages in the pool; 0 where there is none. */
  static long total() {
    return new LinuxKernel().hugePagePool(PageSize.HUGE_2M).map(HugePagePool::total).orElse(0L);
  }

  /** Pages that are free; closing gives back those that the pool did not have before. */
  record Reservation(HugePageLoan loan) implements AutoCloseable {
    boolean isEnough() {
      return loan.shortage().isEmpty();
    }

    /** Why there are not enough. */
    String reason() {
      return loan.shortage().orElse("");
    }

    @Override
    public void close() {
      loan.close();
    }
  }
}
