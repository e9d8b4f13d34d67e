package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;

/** MADV_COLLAPSE: 2 MiB of base pages become one transparent huge page, holes and all. */
final class HugeCollapse {
  private static final long HUGE_BYTES = 1L << 21;

  private HugeCollapse() {}

  /**
   * Collapses what lies whole in the range.
   *
   * @throws SystemCallException EINVAL where that is nothing
   */
  static void collapse(Area area, long start, long end) {
    long from = (start + HUGE_BYTES - 1) & -HUGE_BYTES;
    long to = end & -HUGE_BYTES;
    MappedObject object = area.object();
    if (from >= to || object.pageSize.isHuge() || area.context() != null) {
      throw new SystemCallException(
          Calls.range("madvise COLLAPSE", start, end - start), Errno.EINVAL);
    }
    for (int index = area.index(from); index < area.index(to); index++) {
      PageLock page = object.lock(index);
      page.lock();
      try {
        collapsePage(area, index);
      } finally {
        page.unlock();
      }
    }
  }

  private static void collapsePage(Area area, int index) {
    MappedObject object = area.object();
    int pte = PageFaults.settle(area, index);
    PageCache cache = object.cache;
    if (object.shared && cache != null) {
      if (cache.contains(object.cacheIndex(index))) {
        cache.add(object.cacheIndex(index));
        object.table.set(index, pte | Pte.PRESENT | Pte.HUGE);
      }
    } else if (cache == null) {
      object.table.set(index, (pte & ~Pte.ZERO) | Pte.PRESENT | Pte.ANONYMOUS | Pte.HUGE);
    }
  }
}
