package io.faultline.uffd;

/**
 * The page table of the process, read through {@code /proc/self/pagemap} ({@code
 * Documentation/admin-guide/mm/pagemap.rst}). Thread-safe, but for the buffers that are passed in.
 */
public interface Pagemap extends AutoCloseable {
  /**
   * Whether the page at an address is mapped or swapped out (bits 63 and 62). After EEXIST on
   * hugetlb this tells "it is there" from "the pool is exhausted".
   */
  boolean isPresent(long address);

  /**
   * Finds pages (PAGEMAP_SCAN, since Linux 6.7). The last regions may be told twice where the
   * buffer fills exactly at the end of the range (seen on Linux 6.18): treat them as a set.
   *
   * @param found receives the regions and where the walk ended
   * @return the number of regions
   * @throws SystemCallException EPERM (see {@link PagemapQuery#checkWriteProtectAsync}), ENOTTY (a
   *     kernel before 6.7)
   */
  int scan(long startAddress, long endAddress, PagemapQuery query, PageRegions found);

  @Override
  void close();
}
