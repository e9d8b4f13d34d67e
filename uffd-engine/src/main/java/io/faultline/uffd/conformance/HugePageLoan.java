package io.faultline.uffd.conformance;

import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Huge pages for the run, where the pool is too small and this process may enlarge it; they go back
 * when it is closed. Where it may not, mapping huge pages fails with the command that helps.
 */
public final class HugePageLoan implements AutoCloseable {
  private static final long WANTED = 24;
  private static final Path POOL =
      Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");

  private final long borrowed;

  private HugePageLoan(long borrowed) {
    this.borrowed = borrowed;
  }

  /** Enlarges the pool of 2 MiB pages to what the cases need. Of a simulated kernel: nothing. */
  public static HugePageLoan take(Kernel kernel) {
    long available =
        kernel.hugePagePool(PageSize.HUGE_2M).map(HugePagePool::available).orElse(WANTED);
    long missing = WANTED - available;
    if (!kernel.name().equals("kernel") || missing <= 0 || !Files.isWritable(POOL)) {
      return new HugePageLoan(0);
    }
    return new HugePageLoan(resize(missing) ? missing : 0);
  }

  /** Why huge pages cannot be mapped, the same text for every cell. */
  static String remedy(Kernel kernel) {
    return kernel
        .hugePagePool(PageSize.HUGE_2M)
        .map(
            pool ->
                "mmap gives ENOMEM: the suite uses up to "
                    + WANTED
                    + " huge pages of 2 MiB, "
                    + pool.available()
                    + " are available; run: sysctl -w vm.nr_hugepages="
                    + (pool.total() + Math.max(0, WANTED - pool.available())))
        .orElse("mmap gives ENOMEM: this machine has no huge pages of 2 MiB");
  }

  @Override
  public void close() {
    if (borrowed > 0) {
      resize(-borrowed);
    }
  }

  private static boolean resize(long pages) {
    try {
      long now = Long.parseLong(Files.readString(POOL).strip());
      Files.writeString(POOL, Long.toString(Math.max(0, now + pages)));
      return true;
    } catch (IOException e) {
      return false; // not allowed after all: mapping will tell what is missing
    }
  }
}
