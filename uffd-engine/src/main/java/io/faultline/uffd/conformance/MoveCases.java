package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;

/** UFFDIO_MOVE. */
final class MoveCases {
  private static final CaseGroup GROUP = new CaseGroup("move", Set.of(MemoryType.ANONYMOUS));

  private MoveCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "move",
            "resolves a fault with the source's page and removes it there",
            MoveCases::move),
        GROUP.row(
            "move-holes",
            "ENOENT at a hole; with ALLOW_HOLES skipped and counted",
            MoveCases::holes),
        GROUP.row("move-refusals", "EEXIST, EINVAL, and EBUSY after a fork", MoveCases::refusals),
        GROUP.row("move-pmd", "a transparent huge page moves as one", MoveCases::hugePage),
        GROUP.row(
            "move-pmd-split",
            "an unaligned huge page is split and moves",
            MoveCases::splitHugePage),
        GROUP.row(
            "move-file",
            "EINVAL on shmem, although it is advertised",
            Set.of(MemoryType.SHMEM),
            MoveCases::file));
  }

  private static void move(CaseContext context) throws Exception {
    Area source = filled(context, 3);
    Area area = context.map(3);
    long page = area.pageBytes();
    Userfaultfd uffd = open(context, area);
    Pagemap pagemap = context.pagemap();
    GuestThread<Long> guest = context.loader(area.page(1));
    new EventReader(uffd).fault(area.page(1), 0);
    Expect.complete("one", page, uffd.move(area.page(1), source.page(1), page, MoveMode.WAKE));
    Expect.equal("loaded", 1001, guest.await());
    Expect.that(!pagemap.isPresent(source.page(1)), "the source still has its page");
    Expect.that(pagemap.isPresent(source.page(0)), "the source lost another page");
    Expect.equal("source", 0, context.load(source.page(1)));
    GuestThread<Long> sleeper = context.loader(area.page(0));
    new EventReader(uffd).fault(area.page(0), 0);
    sleeper.staysAsleep(); // its event can be read before it has rechecked the page
    uffd.move(area.page(0), source.page(0), page, MoveMode.DONT_WAKE);
    sleeper.staysAsleep();
    uffd.wake(area.page(0), page);
    Expect.equal("loaded", 1000, sleeper.await());
  }

  private static void holes(CaseContext context) {
    Area source = context.map(3);
    context.store(source.page(0), 1000);
    context.store(source.page(2), 1002);
    Area area = context.map(3);
    long page = area.pageBytes();
    Userfaultfd uffd = open(context, area);
    long at = area.address();
    long first = uffd.move(at, source.address(), 3 * page, MoveMode.WAKE);
    Expect.filled("up to the hole", page, Errno.EAGAIN, first);
    long hole = uffd.move(area.page(1), source.page(1), page, MoveMode.WAKE);
    Expect.filled("at the hole", 0, Errno.ENOENT, hole);
    long rest = uffd.move(area.page(1), source.page(1), 2 * page, MoveMode.ALLOW_HOLES);
    Expect.complete("across the hole", 2 * page, rest);
    Expect.equal("page 0", 1000, context.load(area.page(0)));
    Expect.equal("page 2", 1002, context.load(area.page(2)));
    Expect.that(!context.pagemap().isPresent(area.page(1)), "a hole became a page");
  }

  private static void refusals(CaseContext context) throws Exception {
    Area source = filled(context, 2);
    Area area = context.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = open(context, area);
    uffd.copy(area.page(0), context.buffer(9), page, FillMode.WAKE);
    moveRefused("present", Errno.EEXIST, uffd, area.page(0), source.page(0), page);
    moveRefused("unaligned", Errno.EINVAL, uffd, area.page(1) + 8, source.page(0), page);
    Area other = context.map(1);
    moveRefused("unregistered", Errno.EINVAL, uffd, other.address(), source.page(0), page);
    Engine.Child child = context.fork(List.of(new Engine.Step.Pause()));
    moveRefused("after fork", Errno.EBUSY, uffd, area.page(1), source.page(1), page);
    child.close();
    context.store(source.page(1), 1001); // makes the page exclusive to this process again
    Expect.complete("later", page, uffd.move(area.page(1), source.page(1), page, MoveMode.WAKE));
  }

  private static void file(CaseContext context) {
    Area source = context.map(1);
    context.store(source.address(), 1);
    Area area = context.map(1);
    Userfaultfd uffd = open(context, area);
    long page = area.pageBytes();
    moveRefused("shmem", Errno.EINVAL, uffd, area.address(), source.address(), page);
  }

  private static void hugePage(CaseContext context) {
    Area source = transparentHugePage(context);
    Area area = alignedArea(context, 2);
    Userfaultfd uffd = open(context, area);
    long length = source.lengthBytes();
    Expect.complete(
        "move", length, uffd.move(area.address(), source.address(), length, MoveMode.WAKE));
    checkMoved(context, source, area, 0);
    Expect.that(PageTable.isHuge(context.pagemap(), area, 0), "the huge page was split");
  }

  private static void splitHugePage(CaseContext context) {
    Area source = transparentHugePage(context);
    Area area = alignedArea(context, 2);
    Userfaultfd uffd = open(context, area);
    long length = source.lengthBytes();
    long done = 0;
    while (done < length) { // a racing split is EAGAIN or EBUSY: retry the rest
      long result =
          uffd.move(area.page(1) + done, source.address() + done, length - done, MoveMode.WAKE);
      long bytes = FillResult.bytesDone(result);
      Expect.that(bytes > 0, "no progress: " + FillResult.describe(result));
      done += bytes;
    }
    checkMoved(context, source, area, 1);
  }

  private static void checkMoved(CaseContext context, Area source, Area area, int shift) {
    Pagemap pagemap = context.pagemap();
    for (int i = 0; i < source.pages(); i++) {
      Expect.equal("page " + i, 1000 + i, context.load(area.page(i + shift)));
      Expect.that(!pagemap.isPresent(source.page(i)), "the source still has page " + i);
    }
  }

  private static Area transparentHugePage(CaseContext context) {
    Area area = alignedArea(context, 1);
    context.kernel().advise(area.address(), area.lengthBytes(), Advice.HUGE_PAGE);
    for (int i = 0; i < area.pages(); i++) {
      context.store(area.page(i), 1000 + i);
    }
    if (!PageTable.isHuge(context.pagemap(), area, 0)) {
      throw new NotSupportedException("the kernel allocated no transparent huge page");
    }
    return area;
  }

  private static Area alignedArea(CaseContext context, int hugePages) {
    long huge = context.kernel().pageSizeBytes(PageSize.HUGE_2M);
    long length = hugePages * huge;
    long address = context.map(MapRequest.anonymous(length + huge, PageSize.BASE));
    long page = context.pageBytes();
    return new Area((address + huge - 1) & -huge, page, (int) (length / page), null);
  }

  private static void moveRefused(
      String what, int errno, Userfaultfd uffd, long to, long from, long length) {
    Expect.refused(what, errno, () -> uffd.move(to, from, length, MoveMode.WAKE));
  }

  private static Area filled(CaseContext context, int pages) {
    Area area = context.map(pages);
    for (int i = 0; i < pages; i++) {
      context.store(area.page(i), 1000 + i);
    }
    return area;
  }

  private static Userfaultfd open(CaseContext context, Area area) {
    return context.open(area, RegisterMode.MISSING, Feature.MOVE);
  }
}
