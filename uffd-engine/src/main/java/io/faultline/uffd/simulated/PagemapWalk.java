package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.PageCategory;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.SystemCallException;

/** One PAGEMAP_SCAN ({@code pagemap_scan_test_walk} and its callees). */
final class PagemapWalk {
  private final PagemapQuery query;
  private final PageRegions found;
  private final long all;
  private final long inverted;
  private final long anyOf;
  private final long returned;
  private final boolean writtenOnly;
  private long pagesLeft;
  private long regionStart;
  private long regionEnd;
  private long regionCategories;
  private boolean full;

  PagemapWalk(PagemapQuery query, PageRegions found) {
    this.query = query;
    this.found = found;
    this.all = PageCategory.mask(query.all());
    this.inverted = PageCategory.mask(query.inverted());
    this.anyOf = PageCategory.mask(query.anyOf());
    this.returned = PageCategory.mask(query.returned());
    long written = PageCategory.WRITTEN.bit();
    this.writtenOnly = all == written && returned == written && inverted == 0 && anyOf == 0;
    this.pagesLeft = query.maxPages() == 0 ? Long.MAX_VALUE : query.maxPages();
  }

  /** Walks a range under the read lock of the address space. */
  void walk(AddressSpace space, long start, long end) {
    found.clear();
    long stopped = end;
    for (Vma area : space.overlapping(start, end)) {
      if (isOfInterest(area)) {
        stopped = walk(area, Math.max(start, area.start()), Math.min(end, area.end()));
        if (full) {
          break;
        }
        stopped = end;
      }
    }
    flush();
    found.walkEnd(stopped);
  }

  private boolean isOfInterest(Vma area) {
    long allowed = allowed(area);
    if (allowed == 0 && query.checkWriteProtectAsync()) {
      throw new SystemCallException(
          "PAGEMAP_SCAN(" + query + ")", Errno.EPERM, "the mapping is not registered for WP_ASYNC");
    }
    if (allowed == 0 && query.writeProtectMatching()) {
      return false;
    }
    long required = all & PageCategory.WP_ALLOWED.bit();
    return ((allowed ^ inverted) & required) == required;
  }

  private static long allowed(Vma area) {
    return area.isWriteProtectAsync() && area.usesMarkers() ? PageCategory.WP_ALLOWED.bit() : 0;
  }

  private long walk(Vma area, long start, long end) {
    MappedObject object = area.object();
    int last = area.index(end - 1);
    for (int index = area.index(start); index <= last; index++) {
      PageLock page = object.lock(index);
      page.lock();
      try {
        visit(area, index, Math.max(start, area.address(index)));
      } finally {
        page.unlock();
      }
      if (full) {
        return Math.max(start, area.address(index));
      }
    }
    return end;
  }

  private void visit(Vma area, int index, long address) {
    MappedObject object = area.object();
    int pte = PageFaults.syncEntry(area, index);
    long categories = allowed(area) | categories(object, index, pte);
    if (Pte.has(pte, Pte.HUGE) && TransparentHugePages.isHuge(area, area.address(index))) {
      categories |= PageCategory.HUGE.bit();
    }
    if (!matches(categories)) {
      return;
    }
    long next = area.address(index) + object.pageBytes;
    if (output(address, next, object.pageBytes / Calls.PAGE_BYTES, categories & returned)
        && query.writeProtectMatching()) {
      Protection.protectPage(area, index);
    }
  }

  private long categories(MappedObject object, int index, int pte) {
    boolean huge = object.pageSize.isHuge();
    if (pte == Pte.NONE) {
      // as in Linux: if only "written" is queried, an empty entry of an allocated table counts
      boolean counts = writtenOnly && !huge && object.table.hasDirectory(index);
      return counts ? PageCategory.WRITTEN.bit() : 0;
    }
    long categories = Pte.has(pte, Pte.WRITE_PROTECTED) ? 0 : PageCategory.WRITTEN.bit();
    if (!Pte.isPresent(pte)) {
      return categories | PageCategory.SWAPPED.bit();
    }
    categories |= PageCategory.PRESENT.bit();
    if (!Pte.has(pte, Pte.ANONYMOUS)) {
      categories |= PageCategory.FILE.bit();
    }
    if (Pte.has(pte, Pte.ZERO)) {
      categories |= PageCategory.PFN_ZERO.bit();
    }
    return huge ? categories | PageCategory.HUGE.bit() : categories;
  }

  private boolean matches(long categories) {
    long sensed = categories ^ inverted;
    return (sensed & all) == all && (anyOf == 0 || (sensed & anyOf) != 0);
  }

  /** Extends the current region by a page, or starts one; false if the buffer is full. */
  private boolean output(long start, long end, long pages, long categories) {
    boolean extend =
        regionEnd == start && regionCategories == categories && regionEnd > regionStart;
    int regions = found.size() + (regionEnd > regionStart ? 1 : 0);
    boolean room = extend || regions < found.capacity();
    if (!room || pagesLeft < pages) {
      full = true;
      return false;
    }
    pagesLeft -= pages;
    if (!extend) {
      flush();
      regionStart = start;
      regionCategories = categories;
    }
    regionEnd = end;
    return true;
  }

  private void flush() {
    if (regionEnd > regionStart) {
      found.add(regionStart, regionEnd, regionCategories);
    }
    regionStart = 0;
    regionEnd = 0;
  }
}
