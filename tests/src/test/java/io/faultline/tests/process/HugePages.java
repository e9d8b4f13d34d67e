package io.faultline.tests.process;

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

  /** Sees to it that so many are free, as far as this user may. */
  static Reservation reserve(long pages) {
    return new Reservation(HugePageLoan.borrow(new LinuxKernel(), PageSize.HUGE_2M, pages));
  }

  /** Whether so many can be had. */
  static boolean canLend(long pages) {
    try (Reservation reservation = reserve(pages)) {
      return reservation.isEnough();
    }
  }

  /** So many free pages, which can be taken away at any time from who has not mapped them yet. */
  static Drainable drainable(long pages) {
    long before = total();
    return new Drainable(before, new AtomicBoolean(), reserve(pages));
  }

  /**
   * Free pages, as long as nobody takes them; closing makes a pool that was drained as large as it
   * was.
   */
  record Drainable(long before, AtomicBoolean drained, Reservation reservation)
      implements AutoCloseable {
    /** Takes all pages that nobody has mapped or was promised out of the pool. */
    void drain() throws IOException {
      drained.set(true);
      resize(0);
    }

    @Override
    public void close() throws IOException {
      reservation.close();
      if (drained.get() && total() != before) {
        resize(before);
      }
    }

    private static void resize(long pages) throws IOException {
      Files.writeString(Path.of("/proc/sys/vm/nr_hugepages"), Long.toString(pages));
    }
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
