package io.faultline.tests.process;

import io.faultline.tests.migration.MigrationHost;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** The machine's pool of 2 MiB pages. */
final class HugePages {
  private HugePages() {}

  /** Borrows free pages until the loan is closed; skips the test if there are too few. */
  static HugePageLoan borrow(long pages) {
    return MigrationHost.hugePages(new LinuxKernel(), PageSize.HUGE_2M, pages);
  }

  /** Skips the test unless a command could borrow that many pages. */
  static void assumeAvailable(long pages) {
    borrow(pages).close();
  }

  /** Whether that many pages could be borrowed. */
  static boolean areAvailable(long pages) {
    try (HugePageLoan loan = loan(pages)) {
      return loan.shortage().isEmpty();
    }
  }

  /** Borrows free pages that can be taken away again from processes that have not mapped them. */
  static Drainable drainable(long pages) {
    long before = total();
    HugePageLoan loan = loan(pages);
    return new Drainable(before, total(), new AtomicBoolean(), loan);
  }

  /** Free pages; closing restores the size of a pool that was drained. */
  record Drainable(long before, long full, AtomicBoolean drained, HugePageLoan loan)
      implements AutoCloseable {
    /** Removes from the pool all pages that are neither mapped nor reserved. */
    void drain() throws IOException {
      drained.set(true);
      resize(0);
    }

    /** Gives the pages back; does nothing once closed. */
    synchronized void refill() throws IOException {
      if (drained.get()) {
        resize(full);
      }
    }

    @Override
    public synchronized void close() throws IOException {
      loan.close();
      if (drained.getAndSet(false) && total() != before) {
        resize(before);
      }
    }

    private static void resize(long pages) throws IOException {
      Files.writeString(Path.of("/proc/sys/vm/nr_hugepages"), Long.toString(pages));
    }
  }

  /** The number of pages in the pool; 0 if there is no pool. */
  static long total() {
    return new LinuxKernel().hugePagePool(PageSize.HUGE_2M).map(HugePagePool::total).orElse(0L);
  }

  private static HugePageLoan loan(long pages) {
    return HugePageLoan.borrow(new LinuxKernel(), PageSize.HUGE_2M, pages);
  }
}
