package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;

/** UFFDIO_COPY and UFFDIO_ZEROPAGE: what they fill and what they refuse. */
final class CopyCases {
  private static final String GROUP = "fill";

  private CopyCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        row("copy", "contents, unaligned source, EEXIST the second time", CopyCases::copy),
        row("copy-partial", "stops at a page that is there: bytes and EAGAIN", CopyCases::partial),
        row("copy-refusals", "ENOENT, EFAULT, EINVAL, each for its reason", CopyCases::refusals),
        row("copy-over-markers", "overwrites protection and poison markers", CopyCases::markers),
        row("zeropage", "zeros, EEXIST the second time; EINVAL on hugetlb", CopyCases::zeroPage),
        new ConformanceCase(
            GROUP,
            "copy-beyond-file",
            "EFAULT behind the end of the file",
            Set.of(MemoryType.SHMEM, MemoryType.SHMEM_PRIVATE),
            CopyCases::beyondFile),
        new ConformanceCase(
            GROUP,
            "zeropage-markers",
            "EEXIST on protection and poison markers; shared memory overwrites them",
            MemoryType.BASE,
            CopyCases::zeroPageMarkers),
        new ConformanceCase(
            GROUP,
            "hugetlb-dontneed",
            "MADV_DONTNEED leaves the page in the cache: COPY gives EEXIST",
            Set.of(MemoryType.HUGETLB),
            CopyCases::dontNeed),
        new ConformanceCase(
            GROUP,
            "hugetlb-exhausted",
            "COPY without a huge page to be had gives EEXIST, and the page is absent",
            Set.of(MemoryType.HUGETLB),
            CopyCases::exhausted));
  }

  private static ConformanceCase row(String name, String checks, ConformanceCase.Body body) {
    return new ConformanceCase(GROUP, name, checks, MemoryType.ALL, body);
  }

  private static void copy(CaseContext bench) {
    Area area = bench.map(3);
    long page = area.pageBytes();
    Userfaultfd uffd = missing(bench, area);
    long source = bench.buffer(3, 100);
    Check.complete("copy", page, uffd.copy(area.page(0), source, page, FillMode.WAKE));
    Check.complete("two", page, uffd.copy(area.page(1), source + 8, page, FillMode.WAKE));
    Check.equal("first word", 100, bench.load(area.page(0)));
    Check.equal("last word copied", 100 + 511, bench.load(area.page(0) + 4088));
    Check.equal("unaligned source", 101, bench.load(area.page(1)));
    bench.store(area.page(0), 5);
    Check.filled("again", 0, Errno.EEXIST, uffd.copy(area.page(0), source, page, FillMode.WAKE));
    Check.equal("word of the guest", 5, bench.load(area.page(0)));
    new Events(uffd).none();
  }

  private static void partial(CaseContext bench) {
    Area area = bench.map(4);
    long page = area.pageBytes();
    Userfaultfd uffd = missing(bench, area);
    uffd.copy(area.page(2), bench.buffer(7), page, FillMode.WAKE);
    long source = bench.buffer(4, 5000);
    long first = uffd.copy(area.address(), source, 4 * page, FillMode.WAKE);
    Check.filled("to the page that is there", 2 * page, Errno.EAGAIN, first);
    long second = uffd.copy(area.page(2), source, 2 * page, FillMode.WAKE);
    Check.filled("on it", 0, Errno.EEXIST, second);
    Check.complete("behind it", page, uffd.copy(area.page(3), source, page, FillMode.WAKE));
    Check.equal("page 1", 6000, bench.load(area.page(1)));
    Check.equal("page 2", 7, bench.load(area.page(2)));
  }

  private static void refusals(CaseContext bench) {
    Area area = bench.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = bench.open();
    uffd.register(area.page(1), page, Set.of(RegisterMode.MISSING));
    long source = bench.buffer(3, 1);
    copyRefused(bench, "unregistered", Errno.ENOENT, uffd, area.page(0), source, page);
    copyRefused(bench, "across the end", Errno.ENOENT, uffd, area.page(1), source, 2 * page);
    copyRefused(bench, "unaligned", Errno.EINVAL, uffd, area.page(1) + 8, source, page);
    copyRefused(bench, "part of a page", Errno.EINVAL, uffd, area.page(1), source, page - 8);
    copyRefused(bench, "nothing", Errno.EINVAL, uffd, area.page(1), source, 0);
    Area nothing = bench.map(1);
    bench.kernel().unmap(nothing.address(), page);
    copyRefused(bench, "bad source", Errno.EFAULT, uffd, area.page(1), nothing.address(), page);
    Check.refused(
        "protected without registration",
        Errno.EINVAL,
        () -> uffd.copy(area.page(1), source, page, FillMode.WRITE_PROTECTED));
    if (bench.memory().isHuge()) {
      copyRefused(bench, "base page", Errno.EINVAL, uffd, area.page(1), source, 4096);
    }
    bench.kernel().unmap(area.address(), area.lengthBytes());
    copyRefused(bench, "unmapped", Errno.ENOENT, uffd, area.page(1), source, page);
  }

  private static void copyRefused(
      CaseContext bench,
      String what,
      int errno,
      Userfaultfd uffd,
      long to,
      long from,
      long length) {
    Check.refused(
        what + " (" + bench.memory() + ")",
        errno,
        () -> uffd.copy(to, from, length, FillMode.WAKE));
  }

  private static void markers(CaseContext bench) {
    Area area = bench.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = withMarkers(bench, area);
    long source = bench.buffer(9);
    Check.complete("protected", page, uffd.copy(area.page(0), source, page, FillMode.WAKE));
    Check.complete("poisoned", page, uffd.copy(area.page(1), source, page, FillMode.WAKE));
    Check.equal("protected", 9, bench.load(area.page(0)));
    Check.equal("poisoned", 9, bench.load(area.page(1)));
  }

  private static void zeroPageMarkers(CaseContext bench) {
    Area area = bench.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = withMarkers(bench, area);
    long poison = uffd.poison(area.page(0), page, FillMode.WAKE);
    Check.filled("POISON protected", 0, Errno.EEXIST, poison);
    for (int i = 0; i < 2; i++) {
      String what = "ZEROPAGE " + (i == 0 ? "protected" : "poisoned");
      long result = uffd.zeroPage(area.page(i), page, FillMode.WAKE);
      if (bench.memory().isShared()) {
        Check.complete(what, page, result);
      } else {
        Check.filled(what, 0, Errno.EEXIST, result);
      }
    }
  }

  /** Page 0 has a protection marker, page 1 a poison marker. */
  private static Userfaultfd withMarkers(CaseContext bench, Area area) {
    Userfaultfd uffd =
        bench.open(Feature.WP_UNPOPULATED, Feature.WP_HUGETLBFS_SHMEM, Feature.POISON);
    bench.register(uffd, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
    long page = area.pageBytes();
    Check.complete("protect", page, uffd.writeProtect(area.page(0), page, ProtectMode.PROTECT));
    Check.complete("poison", page, uffd.poison(area.page(1), page, FillMode.WAKE));
    return uffd;
  }

  private static void zeroPage(CaseContext bench) {
    Area area = bench.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = missing(bench, area);
    if (bench.memory().isHuge()) {
      Check.refused(
          "hugetlb", Errno.EINVAL, () -> uffd.zeroPage(area.address(), page, FillMode.WAKE));
      return;
    }
    Check.complete("first", 2 * page, uffd.zeroPage(area.address(), 2 * page, FillMode.WAKE));
    Check.filled("again", 0, Errno.EEXIST, uffd.zeroPage(area.address(), page, FillMode.WAKE));
    Check.equal("contents", 0, bench.load(area.page(1)));
  }

  private static void beyondFile(CaseContext bench) {
    long page = bench.pageBytes();
    MemoryFile file = bench.keep(bench.memory().file(bench.kernel(), page));
    boolean shared = bench.memory().isShared();
    long address = bench.map(new MapRequest(2 * page, file.pageSize(), file, 0, shared));
    Userfaultfd uffd = bench.open();
    uffd.register(address, 2 * page, Set.of(RegisterMode.MISSING));
    long source = bench.buffer(1);
    Check.complete("within", page, uffd.copy(address, source, page, FillMode.WAKE));
    Check.refused(
        "behind", Errno.EFAULT, () -> uffd.copy(address + page, source, page, FillMode.WAKE));
  }

  private static void dontNeed(CaseContext bench) {
    Area area = bench.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = missing(bench, area);
    long source = bench.buffer(3);
    Check.complete("copy", page, uffd.copy(area.address(), source, page, FillMode.WAKE));
    bench.kernel().advise(area.address(), page, Advice.DONT_NEED);
    Pagemap pagemap = bench.pagemap();
    Check.that(!pagemap.isPresent(area.address()), "the page is still mapped");
    Check.filled("copy", 0, Errno.EEXIST, uffd.copy(area.address(), source, page, FillMode.WAKE));
    bench.kernel().advise(area.address(), page, Advice.REMOVE);
    Check.complete("copy", page, uffd.copy(area.address(), source, page, FillMode.WAKE));
  }

  private static void exhausted(CaseContext bench) {
    Area area = bench.map(1);
    long page = area.pageBytes();
    bench.store(area.address(), 1);
    area.backingFile().punchHole(0, page); // gives back the page, and the promise of one
    Userfaultfd uffd = missing(bench, area);
    long free =
        bench.kernel().hugePagePool(PageSize.HUGE_2M).map(HugePagePool::available).orElse(0L);
    Check.that(free > 0, "punching a hole freed no page");
    bench.map(MapRequest.anonymous(free * page, PageSize.HUGE_2M));
    long result = uffd.copy(area.address(), bench.buffer(3), page, FillMode.WAKE);
    Check.filled("copy", 0, Errno.EEXIST, result);
    Check.that(!bench.pagemap().isPresent(area.address()), "the page is there after all");
  }

  private static Userfaultfd missing(CaseContext bench, Area area) {
    Userfaultfd uffd = bench.open();
    bench.register(uffd, area, RegisterMode.MISSING);
    return uffd;
  }
}
