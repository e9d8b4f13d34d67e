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

/** Forks while memory is registered. */
final class ForkCases {
  private static final CaseGroup GROUP = new CaseGroup("fork", MemoryType.ALL);
  private static final int PAGES = 4;

  private ForkCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "events",
            "fork, drop and mremap in a child; a missing fault per page",
            ForkCases::missing),
        GROUP.row(
            "events-wp", "fork with write protection; a write fault per page", ForkCases::protect),
        GROUP.row(
            "fork-silent", "without the feature the child has no registration", ForkCases::silent),
        GROUP.row(
            "wp-fork",
            "without the fork event the child's pages are not protected",
            context -> protection(context, false)),
        GROUP.row(
            "wp-fork-event",
            "with the fork event the child's pages are protected",
            context -> protection(context, true)),
        GROUP.row(
            "process-gone", "fills return ESRCH, wake, poll and read do nothing", ForkCases::gone));
  }

  private static void missing(CaseContext context) throws Exception {
    Area area = context.map(PAGES);
    Userfaultfd uffd =
        context.open(
            area,
            RegisterMode.MISSING,
            Feature.EVENT_FORK,
            Feature.EVENT_REMAP,
            Feature.EVENT_REMOVE);
    List<Engine.Step> steps = loads(area);
    steps.add(new Engine.Step.Drop(area.page(0), area.pageBytes()));
    steps.add(new Engine.Step.Load(area.page(0)));
    steps.add(new Engine.Step.Move(area.address(), area.lengthBytes()));
    GuestThread<Engine.Child> forker = context.forker(steps);
    Userfaultfd childs = adopt(context, uffd);
    Engine.Child child = forker.await();
    EventReader events = new EventReader(childs);
    for (int i = 0; i < PAGES; i++) {
      events.fault(area.page(i), 0);
      copy(context, childs, area, i, FillMode.WAKE);
    }
    EventBuffer removed = events.next(EventType.REMOVE);
    Expect.equal("removed", area.page(0), removed.rangeStart(0));
    if (!context.memory().isShared()) { // a shared file still has the page
      events.fault(area.page(0), 0);
      copy(context, childs, area, 0, FillMode.WAKE);
    }
    EventBuffer moved = events.next(EventType.REMAP);
    Expect.equal("moved from", area.address(), moved.remapFrom(0));
    long to = moved.remapTo(0);
    context.awaitEnd(child);
    Expect.equal("moved to", child.result(PAGES + 2), to);
    for (int i = 0; i < PAGES; i++) {
      Expect.equal("page " + i, 50 + i, child.result(i));
    }
    new EventReader(uffd).none();
  }

  private static void protect(CaseContext context) throws Exception {
    Area area = context.map(PAGES);
    Userfaultfd uffd =
        context.open(Feature.EVENT_FORK, Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    context.register(uffd, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
    List<Engine.Step> steps = new ArrayList<>();
    for (int i = 0; i < PAGES; i++) {
      steps.add(new Engine.Step.Store(area.page(i), 90 + i));
    }
    steps.addAll(loads(area));
    GuestThread<Engine.Child> forker = context.forker(steps);
    Userfaultfd childs = adopt(context, uffd);
    Engine.Child child = forker.await();
    EventReader events = new EventReader(childs);
    for (int i = 0; i < PAGES; i++) {
      events.fault(area.page(i), EventBuffer.FLAG_WRITE);
      copy(context, childs, area, i, FillMode.WRITE_PROTECTED);
      events.fault(area.page(i), EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED);
      childs.writeProtect(area.page(i), area.pageBytes(), ProtectMode.UNPROTECT);
    }
    context.awaitEnd(child);
    for (int i = 0; i < PAGES; i++) {
      Expect.equal("page " + i, 90 + i, child.result(PAGES + i));
    }
  }

  private static void silent(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    Engine.Child child = context.forker(List.of(new Engine.Step.Load(area.address()))).await();
    context.awaitEnd(child);
    Expect.equal("loaded", 0, child.result(0));
    new EventReader(uffd).none();
  }

  private static void protection(CaseContext context, boolean withEvent) throws Exception {
    Area area = context.map(1);
    context.store(area.address(), 5);
    List<Feature> features =
        new ArrayList<>(List.of(Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM));
    if (withEvent) {
      features.add(Feature.EVENT_FORK);
    }
    Userfaultfd uffd = context.open(features.toArray(Feature[]::new));
    context.register(uffd, area, RegisterMode.WRITE_PROTECT);
    uffd.writeProtect(area.address(), area.pageBytes(), ProtectMode.PROTECT);
    GuestThread<Engine.Child> forker = context.forker(List.of(new Engine.Step.Pause()));
    if (withEvent) {
      adopt(context, uffd);
    }
    Engine.Child child = forker.await();
    Expect.that(
        PageTable.isProtected(context.pagemap(), area, 0), "the parent lost its protection");
    try (Pagemap pagemap = child.openPagemap()) {
      boolean kept = PageTable.isProtected(pagemap, area, 0);
      Expect.that(kept == withEvent, "the child's page is " + (kept ? "" : "not ") + "protected");
    }
  }

  private static void gone(CaseContext context) throws Exception {
    Area area = context.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING, Feature.EVENT_FORK);
    GuestThread<Engine.Child> forker = context.forker(List.of());
    Userfaultfd childs = adopt(context, uffd);
    context.awaitEnd(forker.await());
    Expect.equal("poll", 0, context.engine().poll(childs));
    new EventReader(childs).none();
    long source = context.buffer(1);
    long at = area.address();
    Expect.refused("COPY", Errno.ESRCH, () -> childs.copy(at, source, page, FillMode.WAKE));
    Expect.refused(
        "WRITEPROTECT", Errno.ESRCH, () -> childs.writeProtect(at, page, ProtectMode.PROTECT));
    Expect.refused("POISON", Errno.ESRCH, () -> childs.poison(at, page, FillMode.WAKE));
    if (!context.memory().isHuge()) {
      Expect.refused("ZEROPAGE", Errno.ESRCH, () -> childs.zeroPage(at, page, FillMode.WAKE));
    }
    childs.wake(at, page);
    Expect.refused("UNREGISTER", Errno.ENOMEM, Expect.call(() -> childs.unregister(at, page)));
    Expect.complete("copy in the parent", page, uffd.copy(at, source, page, FillMode.WAKE));
  }

  private static List<Engine.Step> loads(Area area) {
    List<Engine.Step> steps = new ArrayList<>();
    for (int i = 0; i < area.pages(); i++) {
      steps.add(new Engine.Step.Load(area.page(i)));
    }
    return steps;
  }

  /** Reads the fork event and adopts the child's userfaultfd. */
  private static Userfaultfd adopt(CaseContext context, Userfaultfd uffd)
      throws InterruptedException {
    EventBuffer event = new EventReader(uffd).next(EventType.FORK);
    return context.adopt(uffd.adoptForked(event.forkedDescriptor(0)));
  }

  private static void copy(
      CaseContext context, Userfaultfd uffd, Area area, int page, FillMode mode) {
    long length = area.pageBytes();
    Expect.complete(
        "copy", length, uffd.copy(area.page(page), context.buffer(50 + page), length, mode));
  }
}
