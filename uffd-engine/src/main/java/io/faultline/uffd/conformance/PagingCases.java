package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;

/** What a pager relies on: pages leave by MOVE, DONTNEED or a hole in their file, and return. */
final class PagingCases {
  private static final CaseGroup GROUP = new CaseGroup("paging", Set.of(MemoryType.ANONYMOUS));
  private static final int WRITE = EventBuffer.FLAG_WRITE;
  private static final int PROTECTED_WRITE =
      EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED;

  private PagingCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "move-io",
            "EBUSY while the kernel holds the page for I/O; nothing is lost, and it moves later",
            PagingCases::moveDuringIo),
        GROUP.row(
            "move-wp",
            "moves a protected page, which becomes writable; EEXIST onto a protection marker",
            PagingCases::moveProtected),
        GROUP.row(
            "drop-wp",
            "a protected page that is dropped is missing, and not protected",
            PagingCases::dropProtected),
        GROUP.row(
            "copy-present",
            "EEXIST wakes no thread that waits for the page",
            MemoryType.ALL,
            PagingCases::copyOntoPresent),
        GROUP.row(
            "cycle-shared",
            "filled through another mapping, mapped protected, written, saved, dropped by a hole",
            MemoryType.SHARED,
            PagingCases::cycle),
        GROUP.row(
            "punch-wp",
            "a hole drops the page from all mappings; a protection marker stays",
            MemoryType.SHARED,
            PagingCases::punchProtected),
        GROUP.row(
            "continue-marker",
            "CONTINUE replaces a protection marker: the page is protected only if asked for",
            MemoryType.SHARED,
            PagingCases::continueOverMarker));
  }

  private static void moveDuringIo(CaseContext context) throws Exception {
    Area staging = context.map(2);
    Area area = context.map(2);
    long page = area.pageBytes();
    context.store(area.page(0), 1000);
    context.store(area.page(1), 1001);
    Userfaultfd uffd = openPrivate(context, area);
    uffd.register(staging.address(), staging.lengthBytes(), Set.of(RegisterMode.MISSING));
    try (AutoCloseable _ = context.engine().pin(area.page(1), page)) {
      long both = uffd.move(staging.address(), area.address(), 2 * page, MoveMode.DONT_WAKE);
      Expect.filled("up to the page in use", page, Errno.EAGAIN, both);
      long used = uffd.move(staging.page(1), area.page(1), page, MoveMode.DONT_WAKE);
      Expect.filled("the page in use", 0, Errno.EBUSY, used);
      Expect.equal("the page in use", 1001, context.load(area.page(1)));
      context.store(area.page(1), 1002);
    }
    long later = uffd.move(staging.page(1), area.page(1), page, MoveMode.DONT_WAKE);
    Expect.complete("later", page, later);
    Expect.equal("moved before", 1000, context.load(staging.page(0)));
    Expect.equal("moved later", 1002, context.load(staging.page(1)));
  }

  private static void moveProtected(CaseContext context) throws Exception {
    Area staging = context.map(2);
    Area area = context.map(2);
    long page = area.pageBytes();
    context.store(area.page(0), 1000);
    context.store(area.page(1), 1001);
    Userfaultfd uffd = openPrivate(context, area);
    register(context, uffd, staging);
    uffd.writeProtect(area.page(0), page, ProtectMode.PROTECT);
    uffd.writeProtect(staging.page(1), page, ProtectMode.PROTECT);
    long moved = uffd.move(staging.page(0), area.page(0), page, MoveMode.DONT_WAKE);
    Expect.complete("move", page, moved);
    Pagemap pagemap = context.pagemap();
    Expect.that(!pagemap.isPresent(area.page(0)), "the source still has its page");
    Expect.that(!PageTable.isProtected(pagemap, staging, 0), "the moved page is protected");
    context.storer(staging.page(0), 7).await();
    Expect.equal("written", 7, context.load(staging.page(0)));
    Expect.refused(
        "onto a marker",
        Errno.EEXIST,
        () -> uffd.move(staging.page(1), area.page(1), page, MoveMode.DONT_WAKE));
    Expect.equal("not moved", 1001, context.load(area.page(1)));
  }

  private static void dropProtected(CaseContext context) throws Exception {
    Area area = context.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = openPrivate(context, area);
    uffd.copy(area.address(), context.buffer(6), page, FillMode.WRITE_PROTECTED);
    context.kernel().advise(area.address(), page, Advice.DONT_NEED);
    Expect.that(!context.pagemap().isPresent(area.address()), "a dropped page is present");
    EventReader events = new EventReader(uffd);
    GuestThread<Boolean> guest = context.storer(area.address(), 4);
    events.fault(area.address(), WRITE);
    uffd.copy(area.address(), context.buffer(7), page, FillMode.WAKE);
    guest.await();
    Expect.equal("written", 4, context.load(area.address()));
    events.none();
  }

  private static void copyOntoPresent(CaseContext context) throws Exception {
    Area area = context.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    EventReader events = new EventReader(uffd);
    GuestThread<Long> guest = context.loader(area.address());
    events.fault(area.address(), 0);
    guest.staysAsleep(); // its event can be read before it has rechecked the page
    uffd.copy(area.address(), context.buffer(6), page, FillMode.DONT_WAKE);
    long again = uffd.copy(area.address(), context.buffer(7), page, FillMode.WAKE);
    Expect.filled("again", 0, Errno.EEXIST, again);
    guest.staysAsleep();
    uffd.wake(area.address(), page);
    Expect.equal("loaded", 6, guest.await());
  }

  private static void cycle(CaseContext context) throws Exception {
    Area area = context.map(2);
    Area other = context.mapAgain(area);
    long page = area.pageBytes();
    Userfaultfd uffd = openShared(context, area);
    EventReader events = new EventReader(uffd);
    GuestThread<Boolean> guest = context.storer(area.address(), 4);
    events.fault(area.address(), WRITE);
    context.store(other.address(), 3);
    Expect.complete(
        "continue", page, uffd.continueFault(area.address(), page, FillMode.WRITE_PROTECTED));
    events.fault(area.address(), PROTECTED_WRITE);
    Expect.equal("clean", 3, context.load(area.address()));
    uffd.writeProtect(area.address(), page, ProtectMode.UNPROTECT);
    guest.await();
    uffd.writeProtect(area.address(), page, ProtectMode.PROTECT);
    GuestThread<Boolean> writer = context.storer(area.address(), 5);
    events.fault(area.address(), PROTECTED_WRITE);
    writer.staysAsleep();
    Expect.equal("saved", 4, context.load(other.address()));
    area.backingFile().punchHole(0, page);
    uffd.wake(area.address(), page);
    events.fault(area.address(), WRITE);
    context.store(other.address(), 4); // as read back from where it was saved
    Expect.complete("again", page, uffd.continueFault(area.address(), page, FillMode.WAKE));
    writer.await();
    Expect.equal("written", 5, context.load(other.address()));
    events.none();
  }

  private static void punchProtected(CaseContext context) throws Exception {
    Area area = context.map(2);
    Area other = context.mapAgain(area);
    long page = area.pageBytes();
    context.store(other.page(0), 1);
    context.store(other.page(1), 2);
    Userfaultfd uffd = openShared(context, area);
    uffd.continueFault(area.address(), 2 * page, FillMode.WRITE_PROTECTED);
    Pagemap pagemap = context.pagemap();
    area.backingFile().punchHole(0, page);
    Expect.that(PageTable.isProtected(pagemap, area, 0), "the marker is gone");
    boolean looksSwapped = pagemap.isPresent(area.page(0));
    Expect.same("a marker looks like a swapped page", !context.memory().isHuge(), looksSwapped);
    Expect.that(!pagemap.isPresent(other.page(0)), "the other mapping still has the page");
    EventReader events = new EventReader(uffd);
    GuestThread<Long> guest = context.loader(area.page(0));
    events.fault(area.page(0), 0);
    Expect.equal("a hole", 0, context.load(other.page(0)));
    Expect.complete("zeros", page, uffd.continueFault(area.page(0), page, FillMode.WAKE));
    Expect.equal("loaded", 0, guest.await());
    Expect.equal("the other page", 2, context.load(area.page(1)));
    events.none();
  }

  private static void continueOverMarker(CaseContext context) throws Exception {
    Area area = context.map(2);
    Area other = context.mapAgain(area);
    long page = area.pageBytes();
    Userfaultfd uffd = openShared(context, area);
    uffd.writeProtect(area.address(), 2 * page, ProtectMode.PROTECT);
    Expect.that(PageTable.isProtected(context.pagemap(), area, 0), "no marker on a missing page");
    context.store(other.page(0), 1);
    context.store(other.page(1), 2);
    EventReader events = new EventReader(uffd);
    Expect.complete("writable", page, uffd.continueFault(area.page(0), page, FillMode.WAKE));
    context.storer(area.page(0), 7).await();
    Expect.complete(
        "protected", page, uffd.continueFault(area.page(1), page, FillMode.WRITE_PROTECTED));
    GuestThread<Boolean> guest = context.storer(area.page(1), 8);
    events.fault(area.page(1), PROTECTED_WRITE);
    uffd.writeProtect(area.page(1), page, ProtectMode.UNPROTECT);
    guest.await();
    Expect.equal("written", 8, context.load(other.page(1)));
    events.none();
  }

  private static Userfaultfd openPrivate(CaseContext context, Area area) {
    Userfaultfd uffd =
        context.open(Feature.MOVE, Feature.PAGEFAULT_FLAG_WP, Feature.WP_UNPOPULATED);
    register(context, uffd, area);
    return uffd;
  }

  private static void register(CaseContext context, Userfaultfd uffd, Area area) {
    context.register(uffd, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
  }

  private static Userfaultfd openShared(CaseContext context, Area area) {
    Feature minor = context.memory().isHuge() ? Feature.MINOR_HUGETLBFS : Feature.MINOR_SHMEM;
    Userfaultfd uffd = context.open(minor, Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    context.register(
        uffd, area, RegisterMode.MISSING, RegisterMode.MINOR, RegisterMode.WRITE_PROTECT);
    return uffd;
  }
}
