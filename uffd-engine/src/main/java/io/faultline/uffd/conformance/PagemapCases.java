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
  private static final String GROUP = "pagemap";
  private static final int PAGES = 6;
  private static final Set<PageCategory> WRITTEN = Set.of(PageCategory.WRITTEN);
  private static final Set<PageCategory> ANY = EnumSet.allOf(PageCategory.class);
  private static final Set<PageCategory> NONE = Set.of();

  private PagemapCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        row(
            "scan-categories",
            "what is told of pages there and not there",
            PagemapCases::categories),
        row(
            "scan-get-and-clear",
            "written pages, protected in the same step",
            PagemapCases::getAndClear),
        row(
            "scan-limits",
            "max_pages and the buffer's size end the walk early",
            PagemapCases::limits),
        row(
            "scan-check-async",
            "EPERM on memory without asynchronous protection",
            PagemapCases::check),
        row("scan-refusals", "EINVAL for an unaligned start", PagemapCases::refusals));
  }

  private static ConformanceCase row(String name, String checks, ConformanceCase.Body body) {
    return new ConformanceCase(GROUP, name, checks, MemoryType.ALL, body);
  }

  private static void categories(CaseContext bench) {
    Area area = bench.map(PAGES);
    bench.store(area.page(1), 1);
    bench.store(area.page(2), 1);
    bench.store(area.page(4), 1);
    Pagemap pagemap = bench.pagemap();
    PageRegions found = new PageRegions(16);
    scan(pagemap, area, PagemapQuery.PRESENT_OR_SWAPPED, found);
    Check.same("pages that are there", pages(1, 2, 4), pages(area, found));
    Check.equal("walk end", area.end(), found.walkEnd());
    PagemapQuery query =
        new PagemapQuery(Set.of(PageCategory.PRESENT), NONE, NONE, ANY, false, false, 0);
    scan(pagemap, area, query, found);
    Check.same("pages present", pages(1, 2, 4), pages(area, found));
    long categories = found.categories(0);
    checkCategory(categories, PageCategory.WRITTEN, true);
    checkCategory(categories, PageCategory.HUGE, bench.memory().isHuge());
    checkCategory(categories, PageCategory.PFN_ZERO, false);
    checkCategory(categories, PageCategory.WP_ALLOWED, false);
    checkCategory(categories, PageCategory.FILE, bench.memory().isShared());
    Check.that(pagemap.isPresent(area.page(1)), "page 1 is absent");
    Check.that(!pagemap.isPresent(area.page(0)), "page 0 is present");
  }

  private static void checkCategory(long categories, PageCategory category, boolean expected) {
    boolean has = PageCategory.ofMask(categories).contains(category);
    Check.that(has == expected, category + " is " + (has ? "" : "not ") + "told");
  }

  private static void getAndClear(CaseContext bench) {
    Area area = written(bench);
    Userfaultfd uffd = async(bench, area);
    Pagemap pagemap = bench.pagemap();
    PageRegions found = new PageRegions(16);
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Check.same("first", pages(0, 1, 2, 3, 4, 5), pages(area, found));
    Check.equal("walk end", area.end(), found.walkEnd());
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Check.same("nothing written", pages(), pages(area, found));
    bench.store(area.page(0), 2);
    bench.store(area.page(3), 2);
    bench.store(area.page(4), 2);
    Check.equal("a load", 1, bench.load(area.page(5)));
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Check.same("written since", pages(0, 3, 4), pages(area, found));
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Check.same("cleared", pages(), pages(area, found));
    new Events(uffd).none();
  }

  private static void limits(CaseContext bench) {
    Area area = written(bench);
    async(bench, area);
    Pagemap pagemap = bench.pagemap();
    PageRegions found = new PageRegions(16);
    long basePages = area.pageBytes() / bench.kernel().pageSizeBytes(PageSize.BASE);
    if (bench.memory().isHuge()) {
      scan(pagemap, area, getAndClear(2), found);
      Check.same("part of a huge page", pages(), pages(area, found));
    }
    scan(pagemap, area, getAndClear(2 * basePages), found);
    Check.same("two pages", pages(0, 1), pages(area, found));
    Check.equal("walk end", area.page(2), found.walkEnd());
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Check.same("the rest", pages(2, 3, 4, 5), pages(area, found));
    bench.store(area.page(1), 2);
    bench.store(area.page(3), 2);
    PageRegions one = new PageRegions(1);
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, one);
    Check.same("one region", pages(1), pages(area, one));
    Check.that(one.walkEnd() <= area.page(3), "the walk went past a page that is not told");
    scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
    Check.same("the other", pages(3), pages(area, found));
  }

  private static void check(CaseContext bench) {
    Area area = written(bench);
    Pagemap pagemap = bench.pagemap();
    PageRegions found = new PageRegions(16);
    Check.refused(
        "unregistered",
        Errno.EPERM,
        () -> scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found));
    Userfaultfd uffd = bench.open(Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    bench.register(uffd, area, RegisterMode.WRITE_PROTECT);
    Check.refused(
        "synchronous",
        Errno.EPERM,
        () -> scan(pagemap, area, PagemapQuery.GET_AND_CLEAR_WRITTEN, found));
  }

  private static void refusals(CaseContext bench) {
    Area area = written(bench);
    Pagemap pagemap = bench.pagemap();
    PageRegions found = new PageRegions(1);
    PagemapQuery query = PagemapQuery.PRESENT_OR_SWAPPED;
    Check.refused(
        "unaligned start",
        Errno.EINVAL,
        () -> pagemap.scan(area.address() + 8, area.end(), query, found));
  }

  private static PagemapQuery getAndClear(long maxPages) {
    return new PagemapQuery(WRITTEN, NONE, NONE, WRITTEN, true, true, maxPages);
  }

  private static Area written(CaseContext bench) {
    Area area = bench.map(PAGES);
    for (int i = 0; i < PAGES; i++) {
      bench.store(area.page(i), 1);
    }
    return area;
  }

  private static Userfaultfd async(CaseContext bench, Area area) {
    Userfaultfd uffd = bench.open(Feature.WP_ASYNC, Feature.WP_HUGETLBFS_SHMEM);
    bench.register(uffd, area, RegisterMode.WRITE_PROTECT);
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
