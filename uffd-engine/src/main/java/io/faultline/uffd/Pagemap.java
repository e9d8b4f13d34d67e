package io.faultline.uffd;

/**
 * The page table of this process, read through {@code /proc/self/pagemap} ({@code
 * Documentation/admin-guide/mm/pagemap.rst}). Thread-safe, except for the buffers passed in.
 */
public interface Pagemap extends AutoCloseable {
  /**
   * Whether the page at an address is mapped or swapped out (bits 63 and 62). After EEXIST on
   * hugetlb this distinguishes a present page from an exhausted pool.
   */
  boolean isPresent(long address);

  /**
   * Finds pages (PAGEMAP_SCAN, since Linux 6.7). If the buffer fills exactly at the end of the
   * range, the last regions may be reported twice (seen on Linux 6.18): treat the regions as a set.
   *
   * @param found receives the regions and the end of the walk
   * @return the number of regions
   * @throws SystemCallException EPERM (see {@link PagemapQuery#checkWriteProtectAsync}), ENOTTY
   *     (kernel older than 6.7)
   */
  int scan(long startAddress, long endAddress, PagemapQuery query, PageRegions found);

  @Override
  void close();
}
