package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.util.ArrayList;
import java.util.List;

/**
 * Transparent huge pages: 512 entries of base pages that carry {@link Pte#HUGE}. One of them that
 * goes splits the rest, which is noticed when somebody asks ({@link #isHuge}).
 */
final class TransparentHugePages {
  private static final long BYTES = 1L << 21;
  private static final int STRIPES = 64;

  private TransparentHugePages() {}

  /**
   * The first page of the 2 MiB that an address is in; -1 where the area does not hold them all.
   */
  private static int firstOf(Vma area, long address) {
    long start = address & -BYTES;
    return start >= area.start() && start + BYTES <= area.end() ? area.index(start) : -1;
  }

  private static int pages(Vma area) {
    return (int) (BYTES >> area.object().pageShift);
  }

  /** Whether the page at an address is part of a whole huge page. Without a lock. */
  static boolean isHuge(Vma area, long address) {
    int first = firstOf(area, address);
    return first >= 0 && all(area, first, Pte.PRESENT | Pte.HUGE);
  }

  private static boolean all(Vma area, int first, int bits) {
    int end = first + pages(area);
    for (int index = first; index < end; index++) {
      if ((area.object().table.look(index) & bits) != bits) {
        return false;
      }
    }
    return true;
  }

  /**
   * Maps a huge page of zeros for a store to anonymous memory, where that was advised and nothing
   * is there yet. The caller holds the lock of the page at the address.
   *
   * @return whether it did; else the caller maps a base page
   */
  static boolean mapZeros(Vma area, long address) {
    int first = area.prefersHuge() ? firstOf(area, address) : -1;
    if (first < 0) {
      return false;
    }
    List<PageLock> held = new ArrayList<>();
    try {
      for (int stripe = 0; stripe < STRIPES; stripe++) {
        PageLock lock = area.object().lock(first + stripe);
        if (!lock.tryLock()) {
          return false;
        }
        held.add(lock);
      }
      return mapLocked(area, first);
    } finally {
      held.forEach(PageLock::unlock);
    }
  }

  private static boolean mapLocked(Vma area, int first) {
    int end = first + pages(area);
    for (int index = first; index < end; index++) {
      if (PageFaults.settle(area, index) != Pte.NONE) {
        return false;
      }
    }
    for (int index = first; index < end; index++) {
      area.object().table.set(index, Pte.PRESENT | Pte.ANONYMOUS | Pte.HUGE);
    }
    return true;
  }

  /**
   * MADV_COLLAPSE: what lies whole in the range becomes huge pages, holes and all; holes that a
   * userfaultfd watches stay holes.
   *
   * @throws SystemCallException EINVAL where nothing can be collapsed
   */
  static void collapse(Vma area, long start, long end) {
    long from = (start + BYTES - 1) & -BYTES;
    long to = end & -BYTES;
    boolean collapsed = false;
    for (long at = from; at < to && !area.object().pageSize.isHuge(); at += BYTES) {
      int first = area.index(at);
      if (area.context() == null || all(area, first, Pte.PRESENT)) {
        collapsePages(area, first);
        collapsed = true;
      }
    }
    if (!collapsed) {
      throw new SystemCallException(
          Calls.range("madvise COLLAPSE", start, end - start), Errno.EINVAL);
    }
  }

  private static void collapsePages(Vma area, int first) {
    for (int index = first; index < first + pages(area); index++) {
      PageLock page = area.object().lock(index);
      page.lock();
      try {
        collapsePage(area, index);
      } finally {
        page.unlock();
      }
    }
  }

  private static void collapsePage(Vma area, int index) {
    MappedObject object = area.object();
    int pte = PageFaults.settle(area, index);
    PageCache cache = object.cache;
    if (cache == null) {
      object.table.set(index, (pte & ~Pte.ZERO) | Pte.PRESENT | Pte.ANONYMOUS | Pte.HUGE);
    } else if (object.shared && cache.contains(object.cacheIndex(index))) {
      cache.add(object.cacheIndex(index));
      object.table.set(index, pte | Pte.PRESENT | Pte.HUGE);
    }
  }

  /** Whether a page that moves from one address to another stays part of a whole huge page. */
  static boolean staysWhole(long from, long to, long rangeStart, long rangeEnd) {
    long start = from & -BYTES;
    return ((from ^ to) & (BYTES - 1)) == 0 && start >= rangeStart && start + BYTES <= rangeEnd;
  }
}
