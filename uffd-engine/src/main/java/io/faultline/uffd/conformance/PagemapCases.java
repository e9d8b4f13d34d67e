package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.PageCategory;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** PAGEMAP_SCAN. */
final class PagemapCases {
  private static final CaseGroup GROUP = new CaseGroup("pagemap", MemoryType.ALL);
  private static final int PAGES = 6;
  private static final Set<PageCategory> WRITTEN = Set.of(PageCategory.WRITTEN);
  private static final Set<PageCategory> ANY = EnumSet.allOf(PageCategory.class);
  private static final Set<PageCategory> NONE = Set.of();

  private PagemapCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "scan-categories",
            "the categories of present and missing pages",
            PagemapCases::categories),
        GROUP.row(
            "scan-get-and-clear",
            "returns written pages and protects them atomically",
            PagemapCases::getAndClear),
        GROUP.row(
            "scan-limits",
            "max_pages and the buffer size end the walk early",
            PagemapCases::limits),
        GROUP.row(
            "scan-check-async",
            "EPERM on memory without asynchronous write protection",
            PagemapCases::check),
        GROUP.row("scan-refusals", "EINVAL for an unaligned start", PagemapCases::refusals));
  }

  private static void categories(CaseContext context) {
    Area area = context.map(PAGES);
    context.store(area.page(1), 1);
    context.store(area.page(2), 1);
    context.store(area.page(4), 1);
    Pagemap pagemap = context.pagemap();
    PageRegions found = new PageRegions(16);
    scan(pagemap, area, PagemapQuery.PRESENT_OR_SWAPPED, found);
    Expect.same("present or swapped pages", pages(1, 2, 4), pages(area, found));
    Expect.equal("walk end", area.end(), found.walkEnd());
    PagemapQuery query =
        new PagemapQuery(Set.of(PageCategory.PRESENT), NONE, NONE, ANY, false, false, 0);
    scan(pagemap, area, query, found);
    Expect.same("present pages", pages(1, 2, 4), pages(area, found));
    long categories = found.categories(0);
    checkCategory(categories, PageCategory.WRITTEN, true);
    checkCategory(categories, PageCategory.HUGE, context.memory().isHuge());
    checkCategory(categories, PageCategory.PFN_ZERO, false);
    checkCategory(categories, PageCategory.WP_ALLOWED, false);
    checkCategory(categories, PageCategory.FILE, context.memory().isShared());
    Expect.that(pagemap.isPresent(area.page(1)), "page 1 is absent");
    Expect.that(!pagemap.isPresent(area.page(0)), "page 0 is present");
  }

  private static void checkCategory(long categories, PageCategory category, boolean expected) {
    boolean has = PageCategory.ofMask(categories).contains(category);
    Expect.that(has == expected, category + " is " + (has ? "" : "not ") + "reported");
  }

  private static void getAndClear(CaseContext context) {
    Area area = written(context);
    Userfaultfd uffd = async(context, area);
    Pagemap pagemap = context.pagemap();
    PageRegions found = new PageRegions(16);
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Expect.same("first", pages(0, 1, 2, 3, 4, 5), pages(area, found));
    Expect.equal("walk end", area.end(), found.walkEnd());
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Expect.same("nothing written", pages(), pages(area, found));
    context.store(area.page(0), 2);
    context.store(area.page(3), 2);
    context.store(area.page(4), 2);
    Expect.equal("a load", 1, context.load(area.page(5)));
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Expect.same("written since", pages(0, 3, 4), pages(area, found));
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Expect.same("cleared", pages(), pages(area, found));
    new EventReader(uffd).none();
  }

  private static void limits(CaseContext context) {
    Area area = written(context);
    async(context, area);
    Pagemap pagemap = context.pagemap();
    PageRegions found = new PageRegions(16);
    long basePages = area.pageBytes() / context.kernel().pageSizeBytes(PageSize.BASE);
    if (context.memory().isHuge()) {
      scan(pagemap, area, getAndClear(2), found);
      Expect.same("part of a huge page", pages(), pages(area, found));
    }
    scan(pagemap, area, getAndClear(2 * basePages), found);
    Expect.same("two pages", pages(0, 1), pages(area, found));
    Expect.equal("walk end", area.page(2), found.walkEnd());
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Expect.same("the rest", pages(2, 3, 4, 5), pages(area, found));
    context.store(area.page(1), 2);
    context.store(area.page(3), 2);
    PageRegions one = new PageRegions(1);
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, one);
    Expect.same("one region", pages(1), pages(area, one));
    Expect.that(one.walkEnd() <= area.page(3), "the walk passed a page that is not reported");
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Expect.same("the other", pages(3), pages(area, found));
  }

  private static void check(CaseContext context) {
    Area area = written(context);
    Pagemap pagemap = context.pagemap();
    PageRegions found = new PageRegions(16);
    Expect.refused(
        "unregistered",
        Errno.EPERM,
        () -> scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found));
    context.open(
        area, RegisterMode.WRITE_PROTECT, Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    Expect.refused(
        "synchronous",
        Errno.EPERM,
        () -> scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found));
  }

  private static void refusals(CaseContext context) {
    Area area = written(context);
    Pagemap pagemap = context.pagemap();
    PageRegions found = new PageRegions(1);
    PagemapQuery query = PagemapQuery.PRESENT_OR_SWAPPED;
    Expect.refused(
        "unaligned start",
        Errno.EINVAL,
        () -> pagemap.scan(area.address() + 8, area.end(), query, found));
  }

  private static PagemapQuery getAndClear(long maxPages) {
    return new PagemapQuery(WRITTEN, NONE, NONE, WRITTEN, true, true, maxPages);
  }

  private static Area written(CaseContext context) {
    Area area = context.map(PAGES);
    for (int i = 0; i < PAGES; i++) {
      context.store(area.page(i), 1);
    }
    return area;
  }

  private static Userfaultfd async(CaseContext context, Area area) {
    Userfaultfd uffd =
        context.open(
            area, RegisterMode.WRITE_PROTECT, Feature.WP_ASYNC, Feature.WP_HUGETLBFS_SHMEM);
    return uffd;
  }

  private static long scan(Pagemap pagemap, Area area, PagemapQuery query, PageRegions found) {
    pagemap.scan(area.address(), area.end(), query, found);
    return 0;
  }

  private static BitSet pages(int... pages) {
    BitSet set = new BitSet();
    for (int page : pages) {
      set.set(page);
    }
    return set;
  }

  private static BitSet pages(Area area, PageRegions found) {
    BitSet set = new BitSet();
    for (int i = 0; i < found.size(); i++) {
      set.set(area.indexOf(found.start(i)), area.indexOf(found.end(i)));
    }
    return set;
  }
}
