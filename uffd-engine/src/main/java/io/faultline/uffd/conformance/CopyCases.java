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

/** UFFDIO_COPY and UFFDIO_ZEROPAGE: results and refusals. */
final class CopyCases {
  private static final CaseGroup GROUP = new CaseGroup("fill", MemoryType.ALL);

  private CopyCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row("copy", "contents, unaligned source, EEXIST the second time", CopyCases::copy),
        GROUP.row("copy-partial", "stops at a present page: bytes and EAGAIN", CopyCases::partial),
        GROUP.row("copy-refusals", "ENOENT, EFAULT and EINVAL", CopyCases::refusals),
        GROUP.row(
            "copy-over-markers", "overwrites protection and poison markers", CopyCases::markers),
        GROUP.row(
            "zeropage", "zeros, EEXIST the second time; EINVAL on hugetlb", CopyCases::zeroPage),
        GROUP.row(
            "copy-beyond-file",
            "EFAULT beyond the end of the file",
            Set.of(MemoryType.SHMEM, MemoryType.SHMEM_PRIVATE),
            CopyCases::beyondFile),
        GROUP.row(
            "zeropage-markers",
            "EEXIST on protection and poison markers; shared memory overwrites them",
            MemoryType.BASE,
            CopyCases::zeroPageMarkers),
        GROUP.row(
            "hugetlb-dontneed",
            "MADV_DONTNEED leaves the page in the cache: COPY returns EEXIST",
            Set.of(MemoryType.HUGETLB),
            CopyCases::dontNeed),
        GROUP.row(
            "hugetlb-exhausted",
            "COPY with an exhausted pool returns EEXIST, and the page is absent",
            Set.of(MemoryType.HUGETLB),
            CopyCases::exhausted));
  }

  private static void copy(CaseContext context) {
    Area area = context.map(3);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    long source = context.buffer(3, 100);
    Expect.complete("copy", page, uffd.copy(area.page(0), source, page, FillMode.WAKE));
    Expect.complete("two", page, uffd.copy(area.page(1), source + 8, page, FillMode.WAKE));
    Expect.equal("first word", 100, context.load(area.page(0)));
    Expect.equal("last word copied", 100 + 511, context.load(area.page(0) + 4088));
    Expect.equal("unaligned source", 101, context.load(area.page(1)));
    context.store(area.page(0), 5);
    Expect.filled("again", 0, Errno.EEXIST, uffd.copy(area.page(0), source, page, FillMode.WAKE));
    Expect.equal("word stored by the guest", 5, context.load(area.page(0)));
    new EventReader(uffd).none();
  }

  private static void partial(CaseContext context) {
    Area area = context.map(4);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    uffd.copy(area.page(2), context.buffer(7), page, FillMode.WAKE);
    long source = context.buffer(4, 5000);
    long first = uffd.copy(area.address(), source, 4 * page, FillMode.WAKE);
    Expect.filled("up to the present page", 2 * page, Errno.EAGAIN, first);
    long second = uffd.copy(area.page(2), source, 2 * page, FillMode.WAKE);
    Expect.filled("at the present page", 0, Errno.EEXIST, second);
    Expect.complete("after it", page, uffd.copy(area.page(3), source, page, FillMode.WAKE));
    Expect.equal("page 1", 6000, context.load(area.page(1)));
    Expect.equal("page 2", 7, context.load(area.page(2)));
  }

  private static void refusals(CaseContext context) {
    Area area = context.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open();
    uffd.register(area.page(1), page, Set.of(RegisterMode.MISSING));
    long source = context.buffer(3, 1);
    copyRefused(context, "unregistered", Errno.ENOENT, uffd, area.page(0), source, page);
    copyRefused(context, "across the end", Errno.ENOENT, uffd, area.page(1), source, 2 * page);
    copyRefused(context, "unaligned", Errno.EINVAL, uffd, area.page(1) + 8, source, page);
    copyRefused(context, "part of a page", Errno.EINVAL, uffd, area.page(1), source, page - 8);
    copyRefused(context, "nothing", Errno.EINVAL, uffd, area.page(1), source, 0);
    Area nothing = context.map(1);
    context.kernel().unmap(nothing.address(), page);
    copyRefused(context, "bad source", Errno.EFAULT, uffd, area.page(1), nothing.address(), page);
    Expect.refused(
        "protected without registration",
        Errno.EINVAL,
        () -> uffd.copy(area.page(1), source, page, FillMode.WRITE_PROTECTED));
    if (context.memory().isHuge()) {
      copyRefused(context, "base page", Errno.EINVAL, uffd, area.page(1), source, 4096);
    }
    context.kernel().unmap(area.address(), area.lengthBytes());
    copyRefused(context, "unmapped", Errno.ENOENT, uffd, area.page(1), source, page);
  }

  private static void copyRefused(
      CaseContext context,
      String what,
      int errno,
      Userfaultfd uffd,
      long to,
      long from,
      long length) {
    Expect.refused(
        what + " (" + context.memory() + ")",
        errno,
        () -> uffd.copy(to, from, length, FillMode.WAKE));
  }

  private static void markers(CaseContext context) {
    Area area = context.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = withMarkers(context, area);
    long source = context.buffer(9);
    Expect.complete("protected", page, uffd.copy(area.page(0), source, page, FillMode.WAKE));
    Expect.complete("poisoned", page, uffd.copy(area.page(1), source, page, FillMode.WAKE));
    Expect.equal("protected", 9, context.load(area.page(0)));
    Expect.equal("poisoned", 9, context.load(area.page(1)));
  }

  private static void zeroPageMarkers(CaseContext context) {
    Area area = context.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = withMarkers(context, area);
    long poison = uffd.poison(area.page(0), page, FillMode.WAKE);
    Expect.filled("POISON protected", 0, Errno.EEXIST, poison);
    for (int i = 0; i < 2; i++) {
      String what = "ZEROPAGE " + (i == 0 ? "protected" : "poisoned");
      long result = uffd.zeroPage(area.page(i), page, FillMode.WAKE);
      if (context.memory().isShared()) {
        Expect.complete(what, page, result);
      } else {
        Expect.filled(what, 0, Errno.EEXIST, result);
      }
    }
  }

  /** Sets a protection marker on page 0 and a poison marker on page 1. */
  private static Userfaultfd withMarkers(CaseContext context, Area area) {
    Userfaultfd uffd =
        context.open(Feature.WP_UNPOPULATED, Feature.WP_HUGETLBFS_SHMEM, Feature.POISON);
    context.register(uffd, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
    long page = area.pageBytes();
    Expect.complete("protect", page, uffd.writeProtect(area.page(0), page, ProtectMode.PROTECT));
    Expect.complete("poison", page, uffd.poison(area.page(1), page, FillMode.WAKE));
    return uffd;
  }

  private static void zeroPage(CaseContext context) {
    Area area = context.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    if (context.memory().isHuge()) {
      Expect.refused(
          "hugetlb", Errno.EINVAL, () -> uffd.zeroPage(area.address(), page, FillMode.WAKE));
      return;
    }
    Expect.complete("first", 2 * page, uffd.zeroPage(area.address(), 2 * page, FillMode.WAKE));
    Expect.filled("again", 0, Errno.EEXIST, uffd.zeroPage(area.address(), page, FillMode.WAKE));
    Expect.equal("contents", 0, context.load(area.page(1)));
  }

  private static void beyondFile(CaseContext context) {
    long page = context.pageBytes();
    MemoryFile file = context.closeLater(context.memory().file(context.kernel(), page));
    boolean shared = context.memory().isShared();
    long address = context.map(new MapRequest(2 * page, file.pageSize(), file, 0, shared));
    Userfaultfd uffd = context.open();
    uffd.register(address, 2 * page, Set.of(RegisterMode.MISSING));
    long source = context.buffer(1);
    Expect.complete("within", page, uffd.copy(address, source, page, FillMode.WAKE));
    Expect.refused(
        "beyond", Errno.EFAULT, () -> uffd.copy(address + page, source, page, FillMode.WAKE));
  }

  private static void dontNeed(CaseContext context) {
    Area area = context.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    long source = context.buffer(3);
    Expect.complete("copy", page, uffd.copy(area.address(), source, page, FillMode.WAKE));
    context.kernel().advise(area.address(), page, Advice.DONT_NEED);
    Pagemap pagemap = context.pagemap();
    Expect.that(!pagemap.isPresent(area.address()), "the page is still mapped");
    Expect.filled("copy", 0, Errno.EEXIST, uffd.copy(area.address(), source, page, FillMode.WAKE));
    context.kernel().advise(area.address(), page, Advice.REMOVE);
    Expect.complete("copy", page, uffd.copy(area.address(), source, page, FillMode.WAKE));
  }

  private static void exhausted(CaseContext context) {
    Area area = context.map(1);
    long page = area.pageBytes();
    context.store(area.address(), 1);
    area.backingFile().punchHole(0, page); // gives back the page and its reservation
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    long free =
        context.kernel().hugePagePool(PageSize.HUGE_2M).map(HugePagePool::available).orElse(0L);
    Expect.that(free > 0, "punching a hole freed no page");
    context.map(MapRequest.anonymous(free * page, PageSize.HUGE_2M));
    long result = uffd.copy(area.address(), context.buffer(3), page, FillMode.WAKE);
    Expect.filled("copy", 0, Errno.EEXIST, result);
    Expect.that(!context.pagemap().isPresent(area.address()), "the page is present");
  }
}
