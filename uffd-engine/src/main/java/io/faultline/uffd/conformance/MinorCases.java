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
  private static final String GROUP = "minor";
  private static final int PAGES = 4;
  private static final int ATTEMPTS = 8;

  private MinorCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase(
            GROUP,
            "minor",
            "a minor fault for each page; CONTINUE lets the guest in, EEXIST again",
            MemoryType.SHARED,
            MinorCases::minor),
        new ConformanceCase(
            GROUP,
            "minor-wp",
            "CONTINUE can map write-protected: then a write faults",
            MemoryType.SHARED,
            MinorCases::writeProtected),
        new ConformanceCase(
            GROUP,
            "minor-collapse",
            "the contents survive MADV_COLLAPSE to a huge page",
            Set.of(MemoryType.SHMEM),
            MinorCases::collapse),
        new ConformanceCase(
            GROUP,
            "continue-range",
            "one CONTINUE over many pages; EAGAIN with the bytes where it stops",
            MemoryType.SHARED,
            MinorCases::range),
        new ConformanceCase(
            GROUP,
            "continue-refusals",
            "EFAULT where the page is not in the cache, EINVAL on anonymous memory",
            Set.of(MemoryType.ANONYMOUS, MemoryType.SHMEM, MemoryType.HUGETLB),
            MinorCases::refusals));
  }

  private static void minor(CaseContext bench) throws Exception {
    Area area = filled(bench);
    Userfaultfd uffd = bench.open(minorFeature(bench));
    bench.register(uffd, area, RegisterMode.MINOR);
    Events events = new Events(uffd);
    for (int i = 0; i < PAGES; i++) {
      Guest<Long> guest = bench.loader(area.page(i));
      events.fault(area.page(i), EventBuffer.FLAG_MINOR);
      guest.staysAsleep();
      long result = uffd.continueFault(area.page(i), area.pageBytes(), FillMode.WAKE);
      Check.complete("continue", area.pageBytes(), result);
      Check.equal("loaded", content(i), guest.await());
      result = uffd.continueFault(area.page(i), area.pageBytes(), FillMode.WAKE);
      Check.filled("continue again", 0, Errno.EEXIST, result);
    }
    events.none();
  }

  private static void writeProtected(CaseContext bench) throws Exception {
    Area area = filled(bench);
    Userfaultfd uffd =
        bench.open(minorFeature(bench), Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    bench.register(uffd, area, RegisterMode.MINOR, RegisterMode.WRITE_PROTECT);
    Events events = new Events(uffd);
    Guest<Boolean> guest = bench.storer(area.address(), 77);
    events.fault(area.address(), EventBuffer.FLAG_MINOR | EventBuffer.FLAG_WRITE);
    uffd.continueFault(area.address(), area.pageBytes(), FillMode.WRITE_PROTECTED);
    events.fault(area.address(), EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
    Check.equal("before the write", content(0), bench.load(area.address()));
    uffd.writeProtect(area.address(), area.pageBytes(), ProtectMode.UNPROTECT);
    guest.await();
    Check.equal("written", 77, bench.load(area.address()));
  }

  private static void range(CaseContext bench) {
    Area area = bench.map(PAGES);
    Area other = bench.mapAgain(area);
    bench.store(other.page(0), 1);
    bench.store(other.page(1), 2);
    bench.store(other.page(3), 4);
    Userfaultfd uffd = bench.open(minorFeature(bench));
    bench.register(uffd, area, RegisterMode.MINOR);
    long page = area.pageBytes();
    long result = uffd.continueFault(area.address(), PAGES * page, FillMode.WAKE);
    Check.filled("up to the hole", 2 * page, Errno.EAGAIN, result);
    Check.complete("rest", page, uffd.continueFault(area.page(3), page, FillMode.WAKE));
    Check.equal("page 1", 2, bench.load(area.page(1)));
    Check.equal("page 3", 4, bench.load(area.page(3)));
  }

  private static void refusals(CaseContext bench) {
    Area area = bench.map(1);
    long page = area.pageBytes();
    boolean anonymous = bench.memory() == MemoryType.ANONYMOUS;
    Userfaultfd uffd = bench.open();
    bench.register(uffd, area, anonymous ? RegisterMode.MISSING : RegisterMode.MINOR);
    Check.refused(
        "continue",
        anonymous ? Errno.EINVAL : Errno.EFAULT,
        () -> uffd.continueFault(area.address(), page, FillMode.WAKE));
    Check.refused(
        "protected without registration",
        Errno.EINVAL,
        () -> uffd.continueFault(area.address(), page, FillMode.WRITE_PROTECTED));
  }

  private static void collapse(CaseContext bench) {
    long huge = bench.kernel().pageSizeBytes(PageSize.HUGE_2M);
    MemoryFile file = bench.keep(bench.memory().file(bench.kernel(), 4 * huge));
    long page = bench.pageBytes();
    Placed placed = aligned(bench, file, huge);
    Area area = placed.area();
    long other = bench.map(MapRequest.sharedFile(file)) + placed.fileOffset();
    int pages = (int) (huge / page);
    for (int i = 0; i < pages; i++) {
      bench.store(other + i * page, content(i));
    }
    Userfaultfd uffd = bench.open(minorFeature(bench));
    uffd.register(area.address(), huge, Set.of(RegisterMode.MINOR));
    Check.complete("continue", huge, uffd.continueFault(area.address(), huge, FillMode.WAKE));
    try {
      bench.kernel().advise(area.address(), huge, Advice.COLLAPSE);
    } catch (SystemCallException e) {
      throw new NotSupportedException(String.valueOf(e.getMessage()));
    }
    for (int i = 0; i < pages; i++) {
      Check.equal("page " + i, content(i), bench.load(area.page(i)));
    }
    new Events(uffd).none();
  }

  private record Placed(Area area, long fileOffset) {}

  /** Two MiB of a file, aligned in memory and in the file. */
  private static Placed aligned(CaseContext bench, MemoryFile file, long huge) {
    long offset = 0;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long length = 3 * huge;
      MapRequest request = new MapRequest(length, PageSize.BASE, file, offset, true);
      long address = bench.kernel().map(request);
      if (Math.floorMod(address - offset, huge) == 0) {
        bench.unmapLater(address, length);
        long start = (address + huge - 1) & -huge;
        int pages = (int) (huge / bench.pageBytes());
        return new Placed(
            new Area(start, bench.pageBytes(), pages, file), offset + start - address);
      }
      bench.kernel().unmap(address, length);
      offset = Math.floorMod(address, huge);
    }
    throw new NotSupportedException("no mapping is aligned as a huge page needs it");
  }

  private static Area filled(CaseContext bench) {
    Area area = bench.map(PAGES);
    Area other = bench.mapAgain(area);
    for (int i = 0; i < PAGES; i++) {
      bench.store(other.page(i), content(i));
    }
    return area;
  }

  private static Feature minorFeature(CaseContext bench) {
    return bench.memory().isHuge() ? Feature.MINOR_HUGETLBFS : Feature.MINOR_SHMEM;
  }

  private static long content(int page) {
    return 0xabcd_0000L + page;
  }
}
