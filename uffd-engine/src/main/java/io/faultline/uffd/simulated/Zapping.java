package io.faultline.uffd.simulated;

import io.faultline.uffd.RegisterMode;

/** Removes pages from page tables and files ({@code zap_page_range}, hole punching). */
final class Zapping {
  private Zapping() {}

  /**
   * Removes the pages of a part of an area from its page table; those of a file stay in the page
   * cache. Write protection of a file's pages stays as a marker.
   */
  static void zap(Vma area, long start, long end) {
    MappedObject object = area.object();
    int last = area.index(end);
    boolean keepsMarkers =
        !object.isAnonymousBasePages() && area.isRegistered(RegisterMode.WRITE_PROTECT);
    for (int index = area.index(start); index < last; index++) {
      PageLock page = object.lock(index);
      page.lock();
      try {
        PageFaults.syncEntry(area, index);
        zapPage(object, index, keepsMarkers);
      } finally {
        page.unlock();
      }
    }
  }

  private static void zapPage(MappedObject object, int index, boolean keepsMarker) {
    int pte = object.table.get(index);
    object.table.set(index, keepsMarker ? pte & Pte.WRITE_PROTECTED : Pte.NONE);
    object.dropOwn(index);
  }

  /** Drops whole pages from a file and from all page tables that map them. */
  static void punch(PageCache cache, int first, int end) {
    for (int index = first; index < end; index++) {
      PageLock page = cache.frames.lock(index);
      page.lock();
      try {
        for (MappedObject mapping : cache.mappings()) {
          zapCached(mapping, mapping.indexOfCached(index));
        }
        cache.drop(index);
      } finally {
        page.unlock();
      }
    }
  }

  /** Unmaps a page of the file; private copies of it stay. */
  private static void zapCached(MappedObject mapping, int index) {
    if (index < 0 || index >= mapping.pages()) {
      return;
    }
    int pte = mapping.table.get(index);
    if (Pte.isPresent(pte) && !Pte.has(pte, Pte.ANONYMOUS)) {
      zapPage(mapping, index, true);
    }
  }

  /** Drops a range of bytes: removes whole pages, and clears the rest. */
  static void punchBytes(PageCache cache, long offset, long lengthBytes) {
    long pageBytes = cache.frames.pageBytes();
    long end = Math.min(offset + lengthBytes, cache.pages() * pageBytes);
    long firstWhole = (offset + pageBytes - 1) / pageBytes * pageBytes;
    long endWhole = end / pageBytes * pageBytes;
    if (firstWhole < endWhole) {
      punch(cache, (int) (firstWhole / pageBytes), (int) (endWhole / pageBytes));
      clear(cache, offset, firstWhole);
      clear(cache, endWhole, end);
    } else {
      clear(cache, offset, end);
    }
  }

  private static void clear(PageCache cache, long from, long to) {
    if (from < to) {
      NativeBytes.clear(cache.frames.address(0) + from, to - from);
    }
  }
}
