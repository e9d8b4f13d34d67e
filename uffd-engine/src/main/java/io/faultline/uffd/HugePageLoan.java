package io.faultline.uffd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Huge pages borrowed for a while: enlarges the pool where this process may do so, and takes
 * exactly those pages out again when it is closed, or else when the JVM exits (also by Ctrl-C; not
 * when it is killed). Pages that are still in use then go when they are unmapped.
 *
 * <p>The pool grows by all that is wanted where memory allows it, also if pages are available:
 * those may be another borrower's, who has not mapped them yet. Where memory does not, available
 * pages are counted on. Nothing is reserved: somebody who maps without borrowing may still take
 * them.
 *
 * <p>Thread-safe. Borrowers in several threads or processes wait for each other; only somebody who
 * writes the pool's size by other means in the same moment can come between.
 */
public final class HugePageLoan implements AutoCloseable {
  private final Path pool;
  private final Optional<String> shortage;
  private long borrowed;
  private final Thread hook = new Thread(this::giveBack, "huge-pages-back");

  private HugePageLoan(Path pool, long borrowed, Optional<String> shortage) {
    this.pool = pool;
    this.borrowed = borrowed;
    this.shortage = shortage;
  }

  /**
   * Sees to it that so many pages can be mapped. Never fails: {@link #shortage} tells where they
   * cannot, as where memory is too small or too fragmented; the loan may then be a part of them.
   *
   * @param kernel only the pool of a real kernel can be enlarged
   * @param pageSize a huge page size
   * @param pages how many shall be available, not negative
   */
  public static HugePageLoan borrow(Kernel kernel, PageSize pageSize, long pages) {
    if (!pageSize.isHuge() || pages < 0) {
      throw new IllegalArgumentException(pages + " huge pages of size " + pageSize);
    }
    Path directory = HugePagePoolFiles.directory(pageSize);
    long borrowed = kernel.name().equals("kernel") ? enlarge(kernel, pageSize, pages) : 0;
    HugePageLoan loan = new HugePageLoan(directory, borrowed, shortage(kernel, pageSize, pages));
    if (borrowed > 0) {
      Runtime.getRuntime().addShutdownHook(loan.hook);
    }
    return loan;
  }

  /** A loan of nothing. */
  public static HugePageLoan none() {
    return new HugePageLoan(Path.of("/"), 0, Optional.empty());
  }

  /** Pages that were added to the pool, 0 where none were wanted or none could be had. */
  public synchronized long borrowed() {
    return borrowed;
  }

  /**
   * Why fewer pages were available than wanted when they were borrowed, with the command that
   * helps; empty where there were enough.
   */
  public Optional<String> shortage() {
    return shortage;
  }

  /**
   * Gives the pages back; once.
   *
   * @throws UncheckedIOException where the pool cannot be changed any more
   */
  @Override
  public void close() {
    giveBack();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the JVM is exiting: the hook runs or has run, and finds nothing more to give back
    }
  }

  private synchronized void giveBack() {
    if (borrowed == 0) {
      return;
    }
    long pages = borrowed;
    borrowed = 0;
    try (HugePagePoolFiles files = HugePagePoolFiles.lock(pool)) {
      files.resize(Math.max(0, files.persistent() - pages));
    } catch (IOException e) {
      throw new UncheckedIOException(pages + " huge pages stay in the pool " + pool, e);
    }
  }

  private static long enlarge(Kernel kernel, PageSize pageSize, long pages) {
    Path directory = HugePagePoolFiles.directory(pageSize);
    if (pages == 0 || !Files.isWritable(directory.resolve("nr_hugepages"))) {
      return 0;
    }
    try (HugePagePoolFiles files = HugePagePoolFiles.lock(directory)) {
      long room = kernel.availableMemoryBytes() >> pageSize.shift();
      long wanted = pages <= room ? pages : missing(kernel, pageSize, pages);
      if (wanted > room) {
        return 0; // the kernel would take all memory there is, and still come to too few
      }
      // Surplus pages are in use, go when they are free, and first become persistent ones when the
      // pool grows: so it grows by more than is wanted, and that is what has to be given back.
      long before = files.persistent();
      files.resize(files.total() + wanted);
      return Math.max(0, files.persistent() - before);
    } catch (IOException e) {
      return 0; // not allowed after all, as in a container: the shortage is told
    }
  }

  private static long missing(Kernel kernel, PageSize pageSize, long pages) {
    return kernel
        .hugePagePool(pageSize)
        .map(pool -> Math.max(0, pages - pool.available()))
        .orElse(0L);
  }

  private static Optional<String> shortage(Kernel kernel, PageSize pageSize, long pages) {
    HugePagePool pool = kernel.hugePagePool(pageSize).orElse(null);
    if (pool == null) {
      return Optional.of("this machine has no huge pages of size " + pageSize);
    }
    return pool.available() >= pages ? Optional.empty() : Optional.of(pool.shortage(pages));
  }
}
