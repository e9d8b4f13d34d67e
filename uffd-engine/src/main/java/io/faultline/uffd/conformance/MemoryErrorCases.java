package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.List;

/** Accesses that end in SIGBUS. They are made by a process that shares the memory. */
final class MemoryErrorCases {
  private static final String GROUP = "sigbus";

  private MemoryErrorCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        row("sigbus", "SIGBUS on a missing page, and no event", MemoryErrorCases::missing),
        row("sigbus-wp", "SIGBUS on a protected page, and no event", MemoryErrorCases::protect),
        row("poison", "SIGBUS on the poisoned half; EEXIST; COPY heals", MemoryErrorCases::poison),
        row("poison-wakes", "who waits for the page gets the SIGBUS", MemoryErrorCases::wakes));
  }

  private static ConformanceCase row(String name, String checks, ConformanceCase.Body body) {
    return new ConformanceCase(GROUP, name, checks, MemoryType.ALL, body);
  }

  private static void missing(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = bench.open(Feature.SIGBUS);
    bench.register(uffd, area, RegisterMode.MISSING);
    uffd.copy(area.page(1), bench.buffer(7), page, FillMode.WAKE);
    expectError(bench, "load", new Rig.Step.Load(area.page(0)));
    expectError(bench, "store", new Rig.Step.Store(area.page(0), 1));
    Check.equal("kernel load", Errno.EFAULT, bench.rig().kernelLoad(area.page(0)));
    Check.equal("filled page", 7, expectDone(bench, new Rig.Step.Load(area.page(1))));
    new Events(uffd).none();
  }

  private static void protect(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    bench.store(area.address(), 7);
    Userfaultfd uffd =
        bench.open(Feature.SIGBUS, Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    bench.register(uffd, area, RegisterMode.WRITE_PROTECT);
    uffd.writeProtect(area.address(), area.pageBytes(), ProtectMode.PROTECT);
    Check.equal("load", 7, expectDone(bench, new Rig.Step.Load(area.address())));
    expectError(bench, "store", new Rig.Step.Store(area.address(), 1));
    new Events(uffd).none();
    uffd.writeProtect(area.address(), area.pageBytes(), ProtectMode.UNPROTECT);
    expectDone(bench, new Rig.Step.Store(area.address(), 8));
    Check.equal("stored", 8, bench.load(area.address()));
  }

  private static void poison(CaseContext bench) throws Exception {
    Area area = bench.map(4);
    long page = area.pageBytes();
    Userfaultfd uffd = bench.open(Feature.POISON);
    bench.register(uffd, area, RegisterMode.MISSING);
    Check.complete("poison", 2 * page, uffd.poison(area.address(), 2 * page, FillMode.WAKE));
    Check.complete(
        "copy", 2 * page, uffd.copy(area.page(2), bench.buffer(2, 7), 2 * page, FillMode.WAKE));
    for (int i = 0; i < area.pages(); i++) {
      if (i < 2) {
        expectError(bench, "load of page " + i, new Rig.Step.Load(area.page(i)));
      } else {
        expectDone(bench, new Rig.Step.Load(area.page(i)));
      }
    }
    expectError(bench, "store", new Rig.Step.Store(area.page(0), 1));
    Check.equal("kernel load", Errno.EFAULT, bench.rig().kernelLoad(area.page(0)));
    Check.filled("poison again", 0, Errno.EEXIST, uffd.poison(area.page(0), page, FillMode.WAKE));
    Check.filled("poison a page", 0, Errno.EEXIST, uffd.poison(area.page(2), page, FillMode.WAKE));
    new Events(uffd).none();
    uffd.copy(area.page(0), bench.buffer(8), page, FillMode.WAKE);
    Check.equal("healed", 8, expectDone(bench, new Rig.Step.Load(area.page(0))));
  }

  private static void wakes(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = bench.open(Feature.POISON);
    bench.register(uffd, area, RegisterMode.MISSING);
    Rig.Child child = bench.share(new Rig.Step.Load(area.address()));
    new Events(uffd).fault(area.address(), 0);
    Check.that(!child.hasEnded(), "the load did not wait");
    uffd.poison(area.address(), area.pageBytes(), FillMode.WAKE);
    bench.awaitEnd(child);
    Check.that(child.hasMemoryError(), "the load ended without a memory error");
  }

  private static void expectError(CaseContext bench, String what, Rig.Step step)
      throws InterruptedException {
    Rig.Child child = bench.share(step);
    bench.awaitEnd(child);
    Check.that(child.hasMemoryError(), what + " ended without a memory error");
  }

  private static long expectDone(CaseContext bench, Rig.Step step) throws InterruptedException {
    Rig.Child child = bench.share(step);
    bench.awaitEnd(child);
    Check.that(!child.hasMemoryError(), step + " ended in a memory error");
    return child.result(0);
  }
}
