package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;

/** Minor faults and UFFDIO_CONTINUE. */
final class MinorCases {
  private static final CaseGroup GROUP = new CaseGroup("minor", MemoryType.ALL);
  private static final int PAGES = 4;
  private static final int ATTEMPTS = 8;

  private MinorCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "minor",
            "a minor fault per page; CONTINUE maps the page, EEXIST the second time",
            MemoryType.SHARED,
            MinorCases::minor),
        GROUP.row(
            "minor-wp",
            "CONTINUE can map write-protected; then a write faults",
            MemoryType.SHARED,
            MinorCases::writeProtected),
        GROUP.row(
            "minor-collapse",
            "the contents survive MADV_COLLAPSE to a huge page",
            Set.of(MemoryType.SHMEM),
            MinorCases::collapse),
        GROUP.row(
            "continue-range",
            "one CONTINUE over many pages; at a hole EAGAIN and the bytes done",
            MemoryType.SHARED,
            MinorCases::range),
        GROUP.row(
            "continue-refusals",
            "EFAULT if the page is not in the cache, EINVAL on anonymous memory",
            Set.of(MemoryType.ANONYMOUS, MemoryType.SHMEM, MemoryType.HUGETLB),
            MinorCases::refusals));
  }

  private static void minor(CaseContext context) throws Exception {
    Area area = filled(context);
    Userfaultfd uffd = context.open(minorFeature(context));
    context.register(uffd, area, RegisterMode.MINOR);
    EventReader events = new EventReader(uffd);
    for (int i = 0; i < PAGES; i++) {
      GuestThread<Long> guest = context.loader(area.page(i));
      events.fault(area.page(i), EventBuffer.FLAG_MINOR);
      guest.staysAsleep();
      long result = uffd.continueFault(area.page(i), area.pageBytes(), FillMode.WAKE);
      Expect.complete("continue", area.pageBytes(), result);
      Expect.equal("loaded", content(i), guest.await());
      result = uffd.continueFault(area.page(i), area.pageBytes(), FillMode.WAKE);
      Expect.filled("continue again", 0, Errno.EEXIST, result);
    }
    events.none();
  }

  private static void writeProtected(CaseContext context) throws Exception {
    Area area = filled(context);
    Userfaultfd uffd =
        context.open(minorFeature(context), Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    context.register(uffd, area, RegisterMode.MINOR, RegisterMode.WRITE_PROTECT);
    EventReader events = new EventReader(uffd);
    GuestThread<Boolean> guest = context.storer(area.address(), 77);
    events.fault(area.address(), EventBuffer.FLAG_MINOR | EventBuffer.FLAG_WRITE);
    uffd.continueFault(area.address(), area.pageBytes(), FillMode.WRITE_PROTECTED);
    events.fault(area.address(), EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
    Expect.equal("before the write", content(0), context.load(area.address()));
    uffd.writeProtect(area.address(), area.pageBytes(), ProtectMode.UNPROTECT);
    guest.await();
    Expect.equal("written", 77, context.load(area.address()));
  }

  private static void range(CaseContext context) {
    Area area = context.map(PAGES);
    Area other = context.mapAgain(area);
    context.store(other.page(0), 1);
    context.store(other.page(1), 2);
    context.store(other.page(3), 4);
    Userfaultfd uffd = context.open(minorFeature(context));
    context.register(uffd, area, RegisterMode.MINOR);
    long page = area.pageBytes();
    long result = uffd.continueFault(area.address(), PAGES * page, FillMode.WAKE);
    Expect.filled("up to the hole", 2 * page, Errno.EAGAIN, result);
    Expect.complete("rest", page, uffd.continueFault(area.page(3), page, FillMode.WAKE));
    Expect.equal("page 1", 2, context.load(area.page(1)));
    Expect.equal("page 3", 4, context.load(area.page(3)));
  }

  private static void refusals(CaseContext context) {
    Area area = context.map(1);
    long page = area.pageBytes();
    boolean anonymous = context.memory() == MemoryType.ANONYMOUS;
    Userfaultfd uffd = context.open();
    context.register(uffd, area, anonymous ? RegisterMode.MISSING : RegisterMode.MINOR);
    Expect.refused(
        "continue",
        anonymous ? Errno.EINVAL : Errno.EFAULT,
        () -> uffd.continueFault(area.address(), page, FillMode.WAKE));
    Expect.refused(
        "protected without registration",
        Errno.EINVAL,
        () -> uffd.continueFault(area.address(), page, FillMode.WRITE_PROTECTED));
  }

  private static void collapse(CaseContext context) {
    long huge = context.kernel().pageSizeBytes(PageSize.HUGE_2M);
    MemoryFile file = context.closeLater(context.memory().file(context.kernel(), 4 * huge));
    long page = context.pageBytes();
    Placed placed = aligned(context, file, huge);
    Area area = placed.area();
    long other = context.map(MapRequest.sharedFile(file)) + placed.fileOffset();
    int pages = (int) (huge / page);
    for (int i = 0; i < pages; i++) {
      context.store(other + i * page, content(i));
    }
    Userfaultfd uffd = context.open(minorFeature(context));
    uffd.register(area.address(), huge, Set.of(RegisterMode.MINOR));
    Expect.complete("continue", huge, uffd.continueFault(area.address(), huge, FillMode.WAKE));
    try {
      context.kernel().advise(area.address(), huge, Advice.COLLAPSE);
    } catch (SystemCallException e) {
      throw new NotSupportedException(String.valueOf(e.getMessage()));
    }
    for (int i = 0; i < pages; i++) {
      Expect.equal("page " + i, content(i), context.load(area.page(i)));
    }
    new EventReader(uffd).none();
  }

  private record Placed(Area area, long fileOffset) {}

  /** Maps 2 MiB of a file, aligned in memory and in the file. */
  private static Placed aligned(CaseContext context, MemoryFile file, long huge) {
    long offset = 0;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long length = 3 * huge;
      MapRequest request = new MapRequest(length, PageSize.BASE, file, offset, true);
      long address = context.kernel().map(request);
      if (Math.floorMod(address - offset, huge) == 0) {
        context.unmapLater(address, length);
        long start = (address + huge - 1) & -huge;
        int pages = (int) (huge / context.pageBytes());
        return new Placed(
            new Area(start, context.pageBytes(), pages, file), offset + start - address);
      }
      context.kernel().unmap(address, length);
      offset = Math.floorMod(address, huge);
    }
    throw new NotSupportedException("no mapping is aligned for a huge page");
  }

  private static Area filled(CaseContext context) {
    Area area = context.map(PAGES);
    Area other = context.mapAgain(area);
    for (int i = 0; i < PAGES; i++) {
      context.store(other.page(i), content(i));
    }
    return area;
  }

  private static Feature minorFeature(CaseContext context) {
    return context.memory().isHuge() ? Feature.MINOR_HUGETLBFS : Feature.MINOR_SHMEM;
  }

  private static long content(int page) {
    return 0xabcd_0000L + page;
  }
}
