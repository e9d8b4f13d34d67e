package io.faultline.uffd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A temporary enlargement of a huge page pool: adds pages if this process is permitted to, and
 * removes exactly those pages when it is closed or the JVM exits (also after Ctrl-C, not after
 * SIGKILL). Pages that are still in use then leave the pool when they are unmapped.
 *
 * <p>If memory allows it, the pool grows by the full number even if pages are available, since
 * those may belong to another borrower that has not mapped them yet. Otherwise available pages are
 * used. Nothing is reserved: a process that maps huge pages without borrowing may still take them.
 *
 * <p>Thread-safe. Borrowers in several threads or processes exclude each other; only a process that
 * writes the pool's size by other means at the same time can interfere.
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
   * Makes pages available for mapping. Never fails: {@link #shortage} reports if too few are
   * available, for example since memory is too small or too fragmented. Part of the pages may then
   * have been added.
   *
   * @param kernel the engine; only the pool of the real kernel can be enlarged
   * @param pageSize a huge page size
   * @param pages how many must be available, not negative
   */
  public static HugePageLoan borrow(Kernel kernel, PageSize pageSize, long pages) {
    if (!pageSize.isHuge() || pages < 0) {
      throw new IllegalArgumentException(pages + " huge pages of size " + pageSize);
    }
    Path directory = HugePagePool.directory(pageSize);
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

  /** The number of pages added to the pool; 0 if none were needed or possible. */
  public synchronized long borrowed() {
    return borrowed;
  }

  /**
   * Why too few pages were available after borrowing, with the command that adds them; empty if
   * there were enough.
   */
  public Optional<String> shortage() {
    return shortage;
  }

  /**
   * Removes the added pages from the pool. The second call does nothing.
   *
   * @throws UncheckedIOException if the pool cannot be changed any more
   */
  @Override
  public void close() {
    giveBack();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the JVM is exiting: the hook runs or has run, and finds nothing left to give back
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
    Path directory = HugePagePool.directory(pageSize);
    if (pages == 0 || !Files.isWritable(directory.resolve("nr_hugepages"))) {
      return 0;
    }
    try (HugePagePoolFiles files = HugePagePoolFiles.lock(directory)) {
      long room = kernel.availableMemoryBytes() >> pageSize.shift();
      long wanted = pages <= room ? pages : missing(kernel, pageSize, pages);
      if (wanted > room) {
        return 0; // the kernel would take all memory, and still add too few
      }
      // Surplus pages are in use and leave the pool when freed. A growing pool first turns them
      // into
      // persistent pages. So it grows by more than is needed, and that growth must be given back.
      long before = files.persistent();
      files.resize(files.total() + wanted);
      return Math.max(0, files.persistent() - before);
    } catch (IOException e) {
      return 0; // not permitted after all, as in a container: shortage() reports it
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
