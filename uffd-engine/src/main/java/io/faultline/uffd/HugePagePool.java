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

  /** The command, for root, that makes so many pages available. */
  public String commandFor(long pages) {
    long wanted = total + Math.max(0, pages - available());
    return pageSize == PageSize.HUGE_2M
        ? "sysctl -w vm.nr_hugepages=" + wanted
        : "echo " + wanted + " > /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages";
  }
}
