package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;

/** Write protection. */
final class ProtectCases {
  private static final String GROUP = "wp";

  private ProtectCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        row("wp", "a write to a protected page waits; reads go on", ProtectCases::protect),
        row("wp-dont-wake", "lifting with DONTWAKE leaves them asleep", ProtectCases::dontWake),
        row("wp-copy", "COPY can map write-protected", ProtectCases::copy),
        row(
            "wp-refusals",
            "ENOENT without registration; EINVAL WP with DONTWAKE",
            ProtectCases::refusals),
        row(
            "wp-async",
            "the kernel lifts the protection itself, without event",
            ProtectCases::async),
        new ConformanceCase(
            GROUP,
            "wp-unpopulated",
            "markers on missing pages: kept, dropped by a zap, kept by a read of zeros",
            Set.of(MemoryType.ANONYMOUS),
            ProtectCases::unpopulated));
  }

  private static ConformanceCase row(String name, String checks, ConformanceCase.Body body) {
    return new ConformanceCase(GROUP, name, checks, MemoryType.ALL, body);
  }

  private static void protect(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    long page = area.pageBytes();
    bench.store(area.page(0), 1);
    bench.store(area.page(1), 2);
    Userfaultfd uffd = open(bench, area);
    Check.complete("protect", page, uffd.writeProtect(area.page(0), page, ProtectMode.PROTECT));
    Events events = new Events(uffd);
    Check.equal("load", 1, bench.loader(area.page(0)).await());
    bench.storer(area.page(1), 3).await();
    Guest<Boolean> guest = bench.storer(area.page(0), 4);
    events.fault(area.page(0), EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
    guest.staysAsleep();
    Check.equal("load meanwhile", 1, bench.load(area.page(0)));
    Check.complete("lift", page, uffd.writeProtect(area.page(0), page, ProtectMode.UNPROTECT));
    guest.await();
    Check.equal("written", 4, bench.load(area.page(0)));
    events.none();
  }

  private static void dontWake(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    long page = area.pageBytes();
    bench.store(area.address(), 1);
    Userfaultfd uffd = open(bench, area);
    uffd.writeProtect(area.address(), page, ProtectMode.PROTECT);
    Guest<Boolean> guest = bench.storer(area.address(), 4);
    new Events(uffd).next();
    guest.staysAsleep(); // its event can be read before it has looked at the page once more
    uffd.writeProtect(area.address(), page, ProtectMode.UNPROTECT_DONT_WAKE);
    guest.staysAsleep();
    uffd.wake(area.address(), page);
    guest.await();
  }

  private static void copy(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = open(bench, area);
    uffd.register(area.address(), page, Set.of(RegisterMode.MISSING, RegisterMode.WRITE_PROTECT));
    Events events = new Events(uffd);
    Guest<Boolean> guest = bench.storer(area.address(), 4);
    events.fault(area.address(), EventBuffer.FLAG_WRITE);
    long result = uffd.copy(area.address(), bench.buffer(6), page, FillMode.WRITE_PROTECTED);
    Check.complete("copy", page, result);
    events.fault(area.address(), EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
    Check.equal("before the write", 6, bench.load(area.address()));
    uffd.writeProtect(area.address(), page, ProtectMode.UNPROTECT);
    guest.await();
  }

  private static void refusals(CaseContext bench) {
    Area area = bench.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = bench.open(Feature.WP_HUGETLBFS_SHMEM);
    uffd.register(area.page(0), page, Set.of(RegisterMode.MISSING, RegisterMode.WRITE_PROTECT));
    uffd.register(area.page(1), page, Set.of(RegisterMode.MISSING));
    protectRefused("without WP", Errno.ENOENT, uffd, area.page(1), page, ProtectMode.PROTECT);
    protectRefused(
        "WP with DONTWAKE", Errno.EINVAL, uffd, area.page(0), page, ProtectMode.PROTECT_DONT_WAKE);
    protectRefused("unaligned", Errno.EINVAL, uffd, area.page(0) + 8, page, ProtectMode.PROTECT);
    uffd.unregister(area.address(), area.lengthBytes());
    protectRefused("unregistered", Errno.ENOENT, uffd, area.page(0), page, ProtectMode.PROTECT);
  }

  private static void protectRefused(
      String what, int errno, Userfaultfd uffd, long at, long length, ProtectMode mode) {
    Check.refused(what, errno, () -> uffd.writeProtect(at, length, mode));
  }

  private static void async(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    long page = area.pageBytes();
    bench.store(area.page(0), 1);
    bench.store(area.page(1), 1);
    Userfaultfd uffd = bench.open(Feature.WP_ASYNC, Feature.WP_HUGETLBFS_SHMEM);
    bench.register(uffd, area, RegisterMode.WRITE_PROTECT);
    Check.complete(
        "protect", 2 * page, uffd.writeProtect(area.address(), 2 * page, ProtectMode.PROTECT));
    Pagemap pagemap = bench.pagemap();
    Check.that(PageTable.isProtected(pagemap, area, 0), "page 0 is not protected");
    bench.storer(area.page(0), 2).await();
    Check.that(!PageTable.isProtected(pagemap, area, 0), "page 0 is still protected");
    Check.that(PageTable.isProtected(pagemap, area, 1), "page 1 is not protected any more");
    new Events(uffd).none();
  }

  private static void unpopulated(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = bench.open(Feature.WP_UNPOPULATED, Feature.PAGEFAULT_FLAG_WP);
    bench.register(uffd, area, RegisterMode.WRITE_PROTECT);
    Pagemap pagemap = bench.pagemap();
    uffd.writeProtect(area.address(), page, ProtectMode.PROTECT);
    Check.that(PageTable.isProtected(pagemap, area, 0), "no marker on the missing page");
    bench.kernel().advise(area.address(), page, Advice.DONT_NEED);
    Check.that(!PageTable.isProtected(pagemap, area, 0), "a zap keeps the marker");
    uffd.writeProtect(area.address(), page, ProtectMode.PROTECT);
    uffd.writeProtect(area.address(), page, ProtectMode.UNPROTECT);
    Check.that(!PageTable.isProtected(pagemap, area, 0), "lifting keeps the marker");
    uffd.writeProtect(area.address(), page, ProtectMode.PROTECT);
    Check.equal("load", 0, bench.loader(area.address()).await());
    Check.that(PageTable.isProtected(pagemap, area, 0), "a read of zeros drops the protection");
    Guest<Boolean> guest = bench.storer(area.address(), 4);
    new Events(uffd)
        .fault(area.address(), EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
    uffd.writeProtect(area.address(), page, ProtectMode.UNPROTECT);
    guest.await();
  }

  private static Userfaultfd open(CaseContext bench, Area area) {
    Userfaultfd uffd = bench.open(Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    bench.register(uffd, area, RegisterMode.WRITE_PROTECT);
    return uffd;
  }
}
