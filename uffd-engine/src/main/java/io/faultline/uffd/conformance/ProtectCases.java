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

/** UFFDIO_WRITEPROTECT and write-protect faults. */
final class ProtectCases {
  private static final CaseGroup GROUP = new CaseGroup("wp", MemoryType.ALL);

  private ProtectCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row("wp", "a write to a protected page waits; reads continue", ProtectCases::protect),
        GROUP.row(
            "wp-dont-wake",
            "removing protection with DONTWAKE wakes no thread",
            ProtectCases::dontWake),
        GROUP.row("wp-copy", "COPY can map write-protected", ProtectCases::copy),
        GROUP.row(
            "wp-refusals",
            "ENOENT without registration; EINVAL for WP with DONTWAKE",
            ProtectCases::refusals),
        GROUP.row(
            "wp-async",
            "the kernel removes the protection on a write, without an event",
            ProtectCases::async),
        GROUP.row(
            "wp-unpopulated",
            "markers on missing pages: set, removed by a zap, kept by a read of zeros",
            Set.of(MemoryType.ANONYMOUS),
            ProtectCases::unpopulated));
  }

  private static void protect(CaseContext context) throws Exception {
    Area area = context.map(2);
    long page = area.pageBytes();
    context.store(area.page(0), 1);
    context.store(area.page(1), 2);
    Userfaultfd uffd = open(context, area);
    Expect.complete("protect", page, uffd.writeProtect(area.page(0), page, ProtectMode.PROTECT));
    EventReader events = new EventReader(uffd);
    Expect.equal("load", 1, context.loader(area.page(0)).await());
    context.storer(area.page(1), 3).await();
    GuestThread<Boolean> guest = context.storer(area.page(0), 4);
    events.fault(area.page(0), EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
    guest.staysAsleep();
    Expect.equal("load during the fault", 1, context.load(area.page(0)));
    Expect.complete(
        "unprotect", page, uffd.writeProtect(area.page(0), page, ProtectMode.UNPROTECT));
    guest.await();
    Expect.equal("written", 4, context.load(area.page(0)));
    events.none();
  }

  private static void dontWake(CaseContext context) throws Exception {
    Area area = context.map(1);
    long page = area.pageBytes();
    context.store(area.address(), 1);
    Userfaultfd uffd = open(context, area);
    uffd.writeProtect(area.address(), page, ProtectMode.PROTECT);
    GuestThread<Boolean> guest = context.storer(area.address(), 4);
    new EventReader(uffd).next();
    guest.staysAsleep(); // its event can be read before it has rechecked the page
    uffd.writeProtect(area.address(), page, ProtectMode.UNPROTECT_DONT_WAKE);
    guest.staysAsleep();
    uffd.wake(area.address(), page);
    guest.await();
  }

  private static void copy(CaseContext context) throws Exception {
    Area area = context.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = open(context, area);
    uffd.register(area.address(), page, Set.of(RegisterMode.MISSING, RegisterMode.WRITE_PROTECT));
    EventReader events = new EventReader(uffd);
    GuestThread<Boolean> guest = context.storer(area.address(), 4);
    events.fault(area.address(), EventBuffer.FLAG_WRITE);
    long result = uffd.copy(area.address(), context.buffer(6), page, FillMode.WRITE_PROTECTED);
    Expect.complete("copy", page, result);
    events.fault(area.address(), EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
    Expect.equal("before the write", 6, context.load(area.address()));
    uffd.writeProtect(area.address(), page, ProtectMode.UNPROTECT);
    guest.await();
  }

  private static void refusals(CaseContext context) {
    Area area = context.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open(Feature.WP_HUGETLBFS_SHMEM);
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
    Expect.refused(what, errno, () -> uffd.writeProtect(at, length, mode));
  }

  private static void async(CaseContext context) throws Exception {
    Area area = context.map(2);
    long page = area.pageBytes();
    context.store(area.page(0), 1);
    context.store(area.page(1), 1);
    Userfaultfd uffd =
        context.open(
            area, RegisterMode.WRITE_PROTECT, Feature.WP_ASYNC, Feature.WP_HUGETLBFS_SHMEM);
    Expect.complete(
        "protect", 2 * page, uffd.writeProtect(area.address(), 2 * page, ProtectMode.PROTECT));
    Pagemap pagemap = context.pagemap();
    Expect.that(PageTable.isProtected(pagemap, area, 0), "page 0 is not protected");
    context.storer(area.page(0), 2).await();
    Expect.that(!PageTable.isProtected(pagemap, area, 0), "page 0 is still protected");
    Expect.that(PageTable.isProtected(pagemap, area, 1), "page 1 is not protected any more");
    new EventReader(uffd).none();
  }

  private static void unpopulated(CaseContext context) throws Exception {
    Area area = context.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd =
        context.open(
            area, RegisterMode.WRITE_PROTECT, Feature.WP_UNPOPULATED, Feature.PAGEFAULT_FLAG_WP);
    Pagemap pagemap = context.pagemap();
    uffd.writeProtect(area.address(), page, ProtectMode.PROTECT);
    Expect.that(PageTable.isProtected(pagemap, area, 0), "no marker on the missing page");
    context.kernel().advise(area.address(), page, Advice.DONT_NEED);
    Expect.that(!PageTable.isProtected(pagemap, area, 0), "a zap keeps the marker");
    uffd.writeProtect(area.address(), page, ProtectMode.PROTECT);
    uffd.writeProtect(area.address(), page, ProtectMode.UNPROTECT);
    Expect.that(!PageTable.isProtected(pagemap, area, 0), "unprotecting keeps the marker");
    uffd.writeProtect(area.address(), page, ProtectMode.PROTECT);
    Expect.equal("load", 0, context.loader(area.address()).await());
    Expect.that(PageTable.isProtected(pagemap, area, 0), "a read of zeros removes the protection");
    GuestThread<Boolean> guest = context.storer(area.address(), 4);
    new EventReader(uffd)
        .fault(area.address(), EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
    uffd.writeProtect(area.address(), page, ProtectMode.UNPROTECT);
    guest.await();
  }

  private static Userfaultfd open(CaseContext context, Area area) {
    return context.open(
        area, RegisterMode.WRITE_PROTECT, Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
  }
}
