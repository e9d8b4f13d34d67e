package io.faultline.cli.bench.measure;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.Optional;

/**
 * 2 MiB pages, borrowed when a case first needs them and kept to the end of the run. They are
 * touched once: a virtual machine returns free memory to its hypervisor, and the first touch after
 * that takes ten times as long, which would favour the cases that run later. Not thread-safe.
 */
public final class WarmHugePages implements AutoCloseable {
  private static final PageSize SIZE = PageSize.HUGE_2M;

  /** Extra pages for cases that need slightly more than the first one. */
  private static final long SPARE = 4;

  private final Kernel kernel;
  private HugePageLoan loan = HugePageLoan.none();
  private long pages;

  public WarmHugePages(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Whether the pages borrowed so far suffice. */
  boolean covers(long bytes) {
    return pagesOf(bytes) <= pages;
  }

  /**
   * Borrows pages until {@code bytes} can be mapped.
   *
   * @throws CannotRunException if there are too few; the message says why
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
