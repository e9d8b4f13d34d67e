package io.faultline.dest;

import io.faultline.memory.MemoryRegion;

/**
 * Where a stream goes when the kernel has no memory for its next page. Confined to the loop that
 * places it.
 */
interface MemoryWaits {
  /**
   * Tries again until there is memory. A waiter that is added twice waits once.
   *
   * @param offset of the page that there is no memory for, in bytes
   */
  void add(MemoryWaiter waiter, MemoryRegion region, long offset);
}
