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
}
