package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.util.ArrayList;
import java.util.List;

/**
 * Transparent huge pages: 512 entries of base pages with {@link Pte#HUGE}. If one of them is
 * removed, the huge page is split; {@link #isHuge} detects that lazily.
 */
final class TransparentHugePages {
  private static final long BYTES = 1L << 21;
  private static final int STRIPES = 64;

  private TransparentHugePages() {}

  /** The first page of the 2 MiB around an address; -1 if the area does not contain them all. */
  private static int firstOf(Vma area, long address) {
    long start = address & -BYTES;
    return start >= area.start() && start + BYTES <= area.end() ? area.index(start) : -1;
  }

  private static int pages(Vma area) {
    return (int) (BYTES >> area.object().pageShift);
  }

  /** Whether the page at an address is part of a complete huge page. Without a lock. */
  static boolean isHuge(Vma area, long address) {
    int first = firstOf(area, address);
    return first >= 0 && all(area, first, Pte.PRESENT | Pte.HUGE);
  }

  private static boolean all(Vma area, int first, int bits) {
    int end = first + pages(area);
    for (int index = first; index < end; index++) {
      if ((area.object().table.peek(index) & bits) != bits) {
        return false;
      }
    }
    return true;
  }

  /**
   * Maps a huge page of zeros for a store to anonymous memory, if it was advised and the 2 MiB are
   * empty. The caller holds the lock of the page at the address.
   *
   * @return whether it mapped one; else the caller maps a base page
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
      if (PageFaults.syncEntry(area, index) != Pte.NONE) {
        return false;
      }
    }
    for (int index = first; index < end; index++) {
      area.object().table.set(index, Pte.PRESENT | Pte.ANONYMOUS | Pte.HUGE);
    }
    return true;
  }

  /**
   * MADV_COLLAPSE: each complete 2 MiB in the range becomes a huge page, including holes; with
   * holes that are registered with a userfaultfd it stays as it is.
   *
   * @throws SystemCallException EINVAL if nothing can be collapsed
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
    int pte = PageFaults.syncEntry(area, index);
    PageCache cache = object.cache;
    if (cache == null) {
      object.table.set(index, (pte & ~Pte.ZERO) | Pte.PRESENT | Pte.ANONYMOUS | Pte.HUGE);
    } else if (object.shared && cache.contains(object.cacheIndex(index))) {
      cache.add(object.cacheIndex(index));
      object.table.set(index, pte | Pte.PRESENT | Pte.HUGE);
    }
  }

  /** Whether a page that moves from one address to another stays part of a complete huge page. */
  static boolean staysWhole(long from, long to, long rangeStart, long rangeEnd) {
    long start = from & -BYTES;
    return ((from ^ to) & (BYTES - 1)) == 0 && start >= rangeStart && start + BYTES <= rangeEnd;
  }
}
