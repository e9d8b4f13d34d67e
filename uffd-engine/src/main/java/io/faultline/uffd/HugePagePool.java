package io.faultline.uffd;

import java.nio.file.Path;

/**
 * The state of a huge page pool, from {@code /sys/kernel/mm/hugepages}.
 *
 * @param pageSize the size of its pages
 * @param total pages in the pool
 * @param free pages not in use, including reserved ones
 * @param reserved pages reserved by mappings and not yet in use
 */
public record HugePagePool(PageSize pageSize, long total, long free, long reserved) {
  /** The directory of the pool of a huge page size in sysfs, which may not exist. */
  public static Path directory(PageSize pageSize) {
    return Path.of("/sys/kernel/mm/hugepages/hugepages-" + (1L << (pageSize.shift() - 10)) + "kB");
  }

  /** The number of pages that a new mapping can have. */
  public long available() {
    return Math.max(0, free - reserved);
  }

  /** A message for the user that too few pages are available, with the command that adds them. */
  public String shortage(long pages) {
    return String.format(
        "%d huge pages of %s are needed, %d are available; run: %s",
        pages, pageSize == PageSize.HUGE_1G ? "1 GiB" : "2 MiB", available(), commandFor(pages));
  }

  /** The command, to be run as root, that makes {@code pages} available. */
  public String commandFor(long pages) {
    long wanted = total + Math.max(0, pages - available());
    return pageSize == PageSize.HUGE_2M
        ? "sysctl -w vm.nr_hugepages=" + wanted
        : "echo " + wanted + " > " + directory(pageSize).resolve("nr_hugepages");
  }
}
