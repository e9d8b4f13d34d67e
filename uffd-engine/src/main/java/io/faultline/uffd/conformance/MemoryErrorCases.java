package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.List;

/** Accesses that end in SIGBUS, in a child process that shares the memory. */
final class MemoryErrorCases {
  private static final CaseGroup GROUP = new CaseGroup("sigbus", MemoryType.ALL);

  private MemoryErrorCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row("sigbus", "SIGBUS on a missing page, and no event", MemoryErrorCases::missing),
        GROUP.row(
            "sigbus-wp", "SIGBUS on a protected page, and no event", MemoryErrorCases::protect),
        GROUP.row(
            "poison",
            "SIGBUS on poisoned pages; EEXIST; COPY replaces poison",
            MemoryErrorCases::poison),
        GROUP.row(
            "poison-wakes",
            "a thread that waits for the page gets SIGBUS",
            MemoryErrorCases::wakes));
  }

  private static void missing(CaseContext context) throws Exception {
    Area area = context.map(2);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING, Feature.SIGBUS);
    uffd.copy(area.page(1), context.buffer(7), page, FillMode.WAKE);
    expectError(context, "load", new Engine.Step.Load(area.page(0)));
    expectError(context, "store", new Engine.Step.Store(area.page(0), 1));
    Expect.equal("kernel load", Errno.EFAULT, context.engine().kernelLoad(area.page(0)));
    Expect.equal("filled page", 7, expectDone(context, new Engine.Step.Load(area.page(1))));
    new EventReader(uffd).none();
  }

  private static void protect(CaseContext context) throws Exception {
    Area area = context.map(1);
    context.store(area.address(), 7);
    Userfaultfd uffd =
        context.open(
            area,
            RegisterMode.WRITE_PROTECT,
            Feature.SIGBUS,
            Feature.PAGEFAULT_FLAG_WP,
            Feature.WP_HUGETLBFS_SHMEM);
    uffd.writeProtect(area.address(), area.pageBytes(), ProtectMode.PROTECT);
    Expect.equal("load", 7, expectDone(context, new Engine.Step.Load(area.address())));
    expectError(context, "store", new Engine.Step.Store(area.address(), 1));
    new EventReader(uffd).none();
    uffd.writeProtect(area.address(), area.pageBytes(), ProtectMode.UNPROTECT);
    expectDone(context, new Engine.Step.Store(area.address(), 8));
    Expect.equal("stored", 8, context.load(area.address()));
  }

  private static void poison(CaseContext context) throws Exception {
    Area area = context.map(4);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING, Feature.POISON);
    Expect.complete("poison", 2 * page, uffd.poison(area.address(), 2 * page, FillMode.WAKE));
    Expect.complete(
        "copy", 2 * page, uffd.copy(area.page(2), context.buffer(2, 7), 2 * page, FillMode.WAKE));
    for (int i = 0; i < area.pages(); i++) {
      if (i < 2) {
        expectError(context, "load of page " + i, new Engine.Step.Load(area.page(i)));
      } else {
        expectDone(context, new Engine.Step.Load(area.page(i)));
      }
    }
    expectError(context, "store", new Engine.Step.Store(area.page(0), 1));
    Expect.equal("kernel load", Errno.EFAULT, context.engine().kernelLoad(area.page(0)));
    Expect.filled("poison again", 0, Errno.EEXIST, uffd.poison(area.page(0), page, FillMode.WAKE));
    Expect.filled("poison a page", 0, Errno.EEXIST, uffd.poison(area.page(2), page, FillMode.WAKE));
    new EventReader(uffd).none();
    uffd.copy(area.page(0), context.buffer(8), page, FillMode.WAKE);
    Expect.equal("replaced", 8, expectDone(context, new Engine.Step.Load(area.page(0))));
  }

  private static void wakes(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING, Feature.POISON);
    Engine.Child child = context.share(new Engine.Step.Load(area.address()));
    new EventReader(uffd).fault(area.address(), 0);
    Expect.that(!child.hasEnded(), "the load did not wait");
    uffd.poison(area.address(), area.pageBytes(), FillMode.WAKE);
    context.awaitEnd(child);
    Expect.that(child.hasMemoryError(), "the load ended without a memory error");
  }

  private static void expectError(CaseContext context, String what, Engine.Step step)
      throws InterruptedException {
    Engine.Child child = context.share(step);
    context.awaitEnd(child);
    Expect.that(child.hasMemoryError(), what + " ended without a memory error");
  }

  private static long expectDone(CaseContext context, Engine.Step step)
      throws InterruptedException {
    Engine.Child child = context.share(step);
    context.awaitEnd(child);
    Expect.that(!child.hasMemoryError(), step + " ended with a memory error");
    return child.result(0);
  }
}
