package io.faultline.uffd;

/**
 * A pool of huge pages, as {@code /sys/kernel/mm/hugepages} tells it.
 *
 * @param pageSize of its pages
 * @param total pages in the pool
 * @param free pages that are not in use, those reserved among them
 * @param reserved pages promised to mappings and not yet in use
 */
public record HugePagePool(PageSize pageSize, long total, long free, long reserved) {
  /** Pages that a new mapping can have. */
  public long available() {
    return Math.max(0, free - reserved);
  }

  /** That so many pages are not available, in words, with the command that helps. */
  public String shortage(long pages) {
    return String.format(
        "%d huge pages of %s are needed, %d are available; run: %s",
        pages, pageSize == PageSize.HUGE_1G ? "1 GiB" : "2 MiB", available(), commandFor(pages));
  }

  /** The command, for root, that makes so many pages available. */
  public String commandFor(long pages) {
    long wanted = total + Math.max(0, pages - available());
    return pageSize == PageSize.HUGE_2M
        ? "sysctl -w vm.nr_hugepages=" + wanted
        : "echo " + wanted + " > /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages";
  }
}
