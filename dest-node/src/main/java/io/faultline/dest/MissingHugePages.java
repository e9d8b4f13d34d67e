package io.faultline.dest;

import io.faultline.dest.received.ReceivedPages;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Errno;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.util.List;
import java.util.function.Supplier;

/**
 * Maps zeros in place of missing huge pages, so that a vCPU that was stopped while it waited for
 * one can end. Without this the pool might have no page for it, and its last access would end the
 * process. Unnecessary with placement continue, where all pages were allocated before, and for a
 * process of the VM that has ended.
 */
final class MissingHugePages {
  private MissingHugePages() {}

  /**
   * Maps the zeros; no other thread places pages meanwhile.
   *
   * @param received reads which pages have arrived; used only if there are huge pages
   */
  static void zero(Kernel kernel, List<MemoryRegion> regions, Supplier<ReceivedPages> received) {
    List<MemoryRegion> huge = regions.stream().filter(MissingHugePages::isHuge).toList();
    if (huge.isEmpty()) {
      return;
    }
    try {
      ReceivedPages pages = received.get();
      for (MemoryRegion region : huge) {
        pages.forEachMissing(region, (first, end) -> zero(kernel, region, first, end));
      }
    } catch (SystemCallException e) {
      if (e.errno() != Errno.ESRCH) {
        throw e;
      }
    }
  }

  private static boolean isHuge(MemoryRegion region) {
    return region.backing().pageSize().isHuge();
  }

  private static void zero(Kernel kernel, MemoryRegion region, long first, long end) {
    long base = region.basePageBytes();
    kernel.replaceByZeros(region.guest().address(first * base), (end - first) * base);
  }
}
