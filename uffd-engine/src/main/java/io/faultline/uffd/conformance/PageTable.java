package io.faultline.uffd.conformance;

import io.faultline.uffd.PageCategory;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import java.util.Set;

/** Queries of a page table. */
final class PageTable {
  private static final Set<PageCategory> WRITTEN = Set.of(PageCategory.WRITTEN);
  private static final Set<PageCategory> PRESENT =
      Set.of(PageCategory.PRESENT, PageCategory.SWAPPED);

  private PageTable() {}

  /** Whether a page or its marker is write-protected by userfaultfd. */
  static boolean isProtected(Pagemap pagemap, Area area, int page) {
    PagemapQuery query = new PagemapQuery(WRITTEN, WRITTEN, PRESENT, PRESENT, false, false, 0);
    return matches(pagemap, area, page, query);
  }

  /** Whether a page is part of a huge page. */
  static boolean isHuge(Pagemap pagemap, Area area, int page) {
    Set<PageCategory> huge = Set.of(PageCategory.HUGE);
    return matches(
        pagemap, area, page, new PagemapQuery(huge, Set.of(), Set.of(), huge, false, false, 0));
  }

  private static boolean matches(Pagemap pagemap, Area area, int page, PagemapQuery query) {
    long start = area.page(page);
    return pagemap.scan(start, start + area.pageBytes(), query, new PageRegions(4)) > 0;
  }
}
