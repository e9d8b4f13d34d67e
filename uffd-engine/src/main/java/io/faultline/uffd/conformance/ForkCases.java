package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.ArrayList;
import java.util.List;

/** Processes that fork while memory is registered. */
final class ForkCases {
  private static final String GROUP = "fork";
  private static final int PAGES = 4;

  private ForkCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        row("events", "fork, drop, mremap in a child; missing faults = pages", ForkCases::missing),
        row("events-wp", "the same with protection; write faults = pages", ForkCases::protect),
        row("fork-silent", "without the feature the child is not watched", ForkCases::silent),
        row(
            "wp-fork",
            "without the fork event the child's pages are not protected",
            bench -> protection(bench, false)),
        row("wp-fork-event", "with it they are", bench -> protection(bench, true)),
        row("process-gone", "ESRCH, poll and read give nothing", ForkCases::gone));
  }

  private static ConformanceCase row(String name, String checks, ConformanceCase.Body body) {
    return new ConformanceCase(GROUP, name, checks, MemoryType.ALL, body);
  }

  private static void missing(CaseContext bench) throws Exception {
    Area area = bench.map(PAGES);
    Userfaultfd uffd = bench.open(Feature.EVENT_FORK, Feature.EVENT_REMAP, Feature.EVENT_REMOVE);
    bench.register(uffd, area, RegisterMode.MISSING);
    List<Rig.Step> steps = loads(area);
    steps.add(new Rig.Step.Drop(area.page(0), area.pageBytes()));
    steps.add(new Rig.Step.Load(area.page(0)));
    steps.add(new Rig.Step.Move(area.address(), area.lengthBytes()));
    Guest<Rig.Child> forker = bench.forker(steps);
    Userfaultfd childs = adopt(bench, uffd);
    Rig.Child child = forker.await();
    Events events = new Events(childs);
    for (int i = 0; i < PAGES; i++) {
      events.fault(area.page(i), 0);
      copy(bench, childs, area, i, FillMode.WAKE);
    }
    EventBuffer removed = events.next(EventType.REMOVE);
    Check.equal("removed", area.page(0), removed.rangeStart(0));
    if (!bench.memory().isShared()) { // a shared file still has the page
      events.fault(area.page(0), 0);
      copy(bench, childs, area, 0, FillMode.WAKE);
    }
    EventBuffer moved = events.next(EventType.REMAP);
    Check.equal("moved from", area.address(), moved.remapFrom(0));
    long to = moved.remapTo(0);
    bench.awaitEnd(child);
    Check.equal("moved to", child.result(PAGES + 2), to);
    for (int i = 0; i < PAGES; i++) {
      Check.equal("page " + i, 50 + i, child.result(i));
    }
    new Events(uffd).none();
  }

  private static void protect(CaseContext bench) throws Exception {
    Area area = bench.map(PAGES);
    Userfaultfd uffd =
        bench.open(Feature.EVENT_FORK, Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    bench.register(uffd, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
    List<Rig.Step> steps = new ArrayList<>();
    for (int i = 0; i < PAGES; i++) {
      steps.add(new Rig.Step.Store(area.page(i), 90 + i));
    }
    steps.addAll(loads(area));
    Guest<Rig.Child> forker = bench.forker(steps);
    Userfaultfd childs = adopt(bench, uffd);
    Rig.Child child = forker.await();
    Events events = new Events(childs);
    for (int i = 0; i < PAGES; i++) {
      events.fault(area.page(i), EventBuffer.FLAG_WRITE);
      copy(bench, childs, area, i, FillMode.WRITE_PROTECTED);
      events.fault(area.page(i), EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
      childs.writeProtect(area.page(i), area.pageBytes(), ProtectMode.UNPROTECT);
    }
    bench.awaitEnd(child);
    for (int i = 0; i < PAGES; i++) {
      Check.equal("page " + i, 90 + i, child.result(PAGES + i));
    }
  }

  private static void silent(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = bench.open();
    bench.register(uffd, area, RegisterMode.MISSING);
    Rig.Child child = bench.forker(List.of(new Rig.Step.Load(area.address()))).await();
    bench.awaitEnd(child);
    Check.equal("loaded", 0, child.result(0));
    new Events(uffd).none();
  }

  private static void protection(CaseContext bench, boolean withEvent) throws Exception {
    Area area = bench.map(1);
    bench.store(area.address(), 5);
    List<Feature> features =
        new ArrayList<>(List.of(Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM));
    if (withEvent) {
      features.add(Feature.EVENT_FORK);
    }
    Userfaultfd uffd = bench.open(features.toArray(Feature[]::new));
    bench.register(uffd, area, RegisterMode.WRITE_PROTECT);
    uffd.writeProtect(area.address(), area.pageBytes(), ProtectMode.PROTECT);
    Guest<Rig.Child> forker = bench.forker(List.of(new Rig.Step.Pause()));
    if (withEvent) {
      adopt(bench, uffd);
    }
    Rig.Child child = forker.await();
    Check.that(PageTable.isProtected(bench.pagemap(), area, 0), "the parent lost its protection");
    try (Pagemap pagemap = child.openPagemap()) {
      boolean kept = PageTable.isProtected(pagemap, area, 0);
      Check.that(kept == withEvent, "the child's page is " + (kept ? "" : "not ") + "protected");
    }
  }

  private static void gone(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = bench.open(Feature.EVENT_FORK);
    bench.register(uffd, area, RegisterMode.MISSING);
    Guest<Rig.Child> forker = bench.forker(List.of());
    Userfaultfd childs = adopt(bench, uffd);
    bench.awaitEnd(forker.await());
    Check.equal("poll", 0, bench.rig().poll(childs));
    new Events(childs).none();
    long source = bench.buffer(1);
    long at = area.address();
    Check.refused("COPY", Errno.ESRCH, () -> childs.copy(at, source, page, FillMode.WAKE));
    Check.refused(
        "WRITEPROTECT", Errno.ESRCH, () -> childs.writeProtect(at, page, ProtectMode.PROTECT));
    Check.refused("POISON", Errno.ESRCH, () -> childs.poison(at, page, FillMode.WAKE));
    if (!bench.memory().isHuge()) {
      Check.refused("ZEROPAGE", Errno.ESRCH, () -> childs.zeroPage(at, page, FillMode.WAKE));
    }
    Check.complete("the parent's", page, uffd.copy(at, source, page, FillMode.WAKE));
  }

  private static List<Rig.Step> loads(Area area) {
    List<Rig.Step> steps = new ArrayList<>();
    for (int i = 0; i < area.pages(); i++) {
      steps.add(new Rig.Step.Load(area.page(i)));
    }
    return steps;
  }

  /** Reads the fork event and takes over the child's userfaultfd. */
  private static Userfaultfd adopt(CaseContext bench, Userfaultfd uffd)
      throws InterruptedException {
    EventBuffer event = new Events(uffd).next(EventType.FORK);
    return bench.adopt(uffd.adoptForked(event.forkedDescriptor(0)));
  }

  private static void copy(
      CaseContext bench, Userfaultfd uffd, Area area, int page, FillMode mode) {
    long length = area.pageBytes();
    Check.complete(
        "copy", length, uffd.copy(area.page(page), bench.buffer(50 + page), length, mode));
  }
}
