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
  private static final String GROUP = "move";
  private static final Set<MemoryType> ANONYMOUS = Set.of(MemoryType.ANONYMOUS);

  private MoveCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        row("move", "a fault is resolved with the source's page, which is gone", MoveCases::move),
        row("move-holes", "ENOENT at a hole, or skipped and counted", MoveCases::holes),
        row("move-refusals", "EEXIST, EINVAL, EBUSY after a fork", MoveCases::refusals),
        row("move-pmd", "a transparent huge page moves as one", MoveCases::hugePage),
        row("move-pmd-split", "unaligned, it is split and moves", MoveCases::splitHugePage),
        new ConformanceCase(
            GROUP,
            "move-file",
            "advertised on shmem, but EINVAL",
            Set.of(MemoryType.SHMEM),
            MoveCases::file));
  }

  private static ConformanceCase row(String name, String checks, ConformanceCase.Body body) {
    return new ConformanceCase(GROUP, name, checks, ANONYMOUS, body);
  }

  private static void move(CaseContext bench) throws Exception {
    Area source = filled(bench, 3);
    Area area = bench.map(3);
    long page = area.pageBytes();
    Userfaultfd uffd = open(bench, area);
    Pagemap pagemap = bench.pagemap();
    Guest<Long> guest = bench.loader(area.page(1));
    new Events(uffd).fault(area.page(1), 0);
    Check.complete("one", page, uffd.move(area.page(1), source.page(1), page, MoveMode.WAKE));
    Check.equal("loaded", 1001, guest.await());
    Check.that(!pagemap.isPresent(source.page(1)), "the source keeps its page");
    Check.that(pagemap.isPresent(source.page(0)), "the source lost another page");
    Check.equal("source", 0, bench.load(source.page(1)));
    Guest<Long> sleeper = bench.loader(area.page(0));
    new Events(uffd).fault(area.page(0), 0);
    sleeper.staysAsleep(); // its event can be read before it has looked at the page once more
    uffd.move(area.page(0), source.page(0), page, MoveMode.DONT_WAKE);
    sleeper.staysAsleep();
    uffd.wake(area.page(0), page);
    Check.equal("loaded", 1000, sleeper.await());
  }

  private static void holes(CaseContext bench) {
    Area source = bench.map(3);
    bench.store(source.page(0), 1000);
    bench.store(source.page(2), 1002);
    Area area = bench.map(3);
    long page = area.pageBytes();
    Userfaultfd uffd = open(bench, area);
    long at = area.address();
    long first = uffd.move(at, source.address(), 3 * page, MoveMode.WAKE);
    Check.filled("up to the hole", page, Errno.EAGAIN, first);
    long hole = uffd.move(area.page(1), source.page(1), page, MoveMode.WAKE);
    Check.filled("at the hole", 0, Errno.ENOENT, hole);
    long rest = uffd.move(area.page(1), source.page(1), 2 * page, MoveMode.ALLOW_HOLES);
    Check.complete("across the hole", 2 * page, rest);
    Check.equal("page 0", 1000, bench.load(area.page(0)));
    Check.equal("page 2", 1002, bench.load(area.page(2)));
    Check.that(!bench.pagemap().isPresent(area.page(1)), "a hole became a page");
  }

  private static void refusals(CaseContext bench) throws Exception {
    Area source = filled(bench, 2);
    Area area = bench.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = open(bench, area);
    uffd.copy(area.page(0), bench.buffer(9), page, FillMode.WAKE);
    moveRefused("there", Errno.EEXIST, uffd, area.page(0), source.page(0), page);
    moveRefused("unaligned", Errno.EINVAL, uffd, area.page(1) + 8, source.page(0), page);
    Area other = bench.map(1);
    moveRefused("unregistered", Errno.EINVAL, uffd, other.address(), source.page(0), page);
    Rig.Child child = bench.fork(List.of(new Rig.Step.Pause()));
    moveRefused("after fork", Errno.EBUSY, uffd, area.page(1), source.page(1), page);
    child.close();
    bench.store(source.page(1), 1001); // makes the page this process's own again
    Check.complete("later", page, uffd.move(area.page(1), source.page(1), page, MoveMode.WAKE));
  }

  private static void file(CaseContext bench) {
    Area source = bench.map(1);
    bench.store(source.address(), 1);
    Area area = bench.map(1);
    Userfaultfd uffd = open(bench, area);
    long page = area.pageBytes();
    moveRefused("shmem", Errno.EINVAL, uffd, area.address(), source.address(), page);
  }

  private static void hugePage(CaseContext bench) {
    Area source = transparentHugePage(bench);
    Area area = alignedArea(bench, 2);
    Userfaultfd uffd = open(bench, area);
    long length = source.lengthBytes();
    Check.complete(
        "move", length, uffd.move(area.address(), source.address(), length, MoveMode.WAKE));
    checkMoved(bench, source, area, 0);
    Check.that(PageTable.isHuge(bench.pagemap(), area, 0), "the huge page was split");
  }

  private static void splitHugePage(CaseContext bench) {
    Area source = transparentHugePage(bench);
    Area area = alignedArea(bench, 2);
    Userfaultfd uffd = open(bench, area);
    long length = source.lengthBytes();
    long done = 0;
    while (done < length) { // a split that races is EAGAIN or EBUSY: the rest is asked again
      long result =
          uffd.move(area.page(1) + done, source.address() + done, length - done, MoveMode.WAKE);
      long bytes = FillResult.bytesDone(result);
      Check.that(bytes > 0, "no progress: " + FillResult.describe(result));
      done += bytes;
    }
    checkMoved(bench, source, area, 1);
  }

  private static void checkMoved(CaseContext bench, Area source, Area area, int shift) {
    Pagemap pagemap = bench.pagemap();
    for (int i = 0; i < source.pages(); i++) {
      Check.equal("page " + i, 1000 + i, bench.load(area.page(i + shift)));
      Check.that(!pagemap.isPresent(source.page(i)), "the source keeps page " + i);
    }
  }

  private static Area transparentHugePage(CaseContext bench) {
    Area area = alignedArea(bench, 1);
    bench.kernel().advise(area.address(), area.lengthBytes(), Advice.HUGE_PAGE);
    for (int i = 0; i < area.pages(); i++) {
      bench.store(area.page(i), 1000 + i);
    }
    if (!PageTable.isHuge(bench.pagemap(), area, 0)) {
      throw new NotSupportedException("the kernel gave no transparent huge page");
    }
    return area;
  }

  private static Area alignedArea(CaseContext bench, int hugePages) {
    long huge = bench.kernel().pageSizeBytes(PageSize.HUGE_2M);
    long length = hugePages * huge;
    long address = bench.map(MapRequest.anonymous(length + huge, PageSize.BASE));
    long page = bench.pageBytes();
    return new Area((address + huge - 1) & -huge, page, (int) (length / page), null);
  }

  private static void moveRefused(
      String what, int errno, Userfaultfd uffd, long to, long from, long length) {
    Check.refused(what, errno, () -> uffd.move(to, from, length, MoveMode.WAKE));
  }

  private static Area filled(CaseContext bench, int pages) {
    Area area = bench.map(pages);
    for (int i = 0; i < pages; i++) {
      bench.store(area.page(i), 1000 + i);
    }
    return area;
  }

  private static Userfaultfd open(CaseContext bench, Area area) {
    Userfaultfd uffd = bench.open(Feature.MOVE);
    bench.register(uffd, area, RegisterMode.MISSING);
    return uffd;
  }
}
