package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;

/** A process that changes its memory while another one fills it. */
final class ForeignCases {
  private static final CaseGroup GROUP = new CaseGroup("foreign", Set.of(MemoryType.ANONYMOUS));

  private ForeignCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "move-onto-mapping",
            "mremap onto a mapping sends UNMAP of it, REMAP, UNMAP of the old range",
            ForeignCases::moveOnto),
        GROUP.row(
            "fault-before-remap",
            "read returns a fault at the new address before the REMAP",
            ForeignCases::faultFirst),
        GROUP.row(
            "unmap-wakes-nobody",
            "a fault sleeps on after its page was unmapped, until a wake",
            ForeignCases::unmapUnderFault),
        GROUP.row(
            "killed-in-event",
            "the event of a process that was killed cannot be read",
            ForeignCases::killed));
  }

  private static void moveOnto(CaseContext context) throws Exception {
    Area area = context.map(3);
    Userfaultfd uffd = open(context, area);
    Engine.Child child = context.share(onto(area));
    EventReader events = new EventReader(uffd);
    range(events.next(EventType.UNMAP), area, 2);
    EventBuffer moved = events.next(EventType.REMAP);
    Expect.equal("from", area.page(0), moved.remapFrom(0));
    Expect.equal("to", area.page(2), moved.remapTo(0));
    Expect.equal("length", area.pageBytes(), moved.remapLength(0));
    range(events.next(EventType.UNMAP), area, 0);
    context.awaitEnd(child);
    events.none();
    copy(context, uffd, area, 2);
    Expect.equal("contents", 5, context.load(area.page(2)));
  }

  private static void faultFirst(CaseContext context) throws Exception {
    Area area = context.map(3);
    Userfaultfd uffd = open(context, area);
    Engine.Child child = context.share(onto(area));
    context.awaitReadable(uffd);
    GuestThread<Long> loader = context.loader(area.page(2));
    loader.staysAsleep();
    EventReader events = new EventReader(uffd);
    events.fault(area.page(2), 0);
    long page = area.pageBytes();
    long result = uffd.copy(area.page(2), context.buffer(5), page, FillMode.WAKE);
    Expect.filled("copy", 0, Errno.EAGAIN, result);
    events.next(EventType.UNMAP);
    events.next(EventType.REMAP);
    events.next(EventType.UNMAP);
    context.awaitEnd(child);
    copy(context, uffd, area, 2);
    Expect.equal("loaded", 5, loader.await());
  }

  private static void unmapUnderFault(CaseContext context) throws Exception {
    Area area = context.map(3);
    long page = area.pageBytes();
    Userfaultfd uffd = open(context, area);
    GuestThread<Long> loader = context.loader(area.page(1));
    EventReader events = new EventReader(uffd);
    events.fault(area.page(1), 0);
    GuestThread<Boolean> mapper =
        context.guest("mmap", () -> context.kernel().replaceByZeros(area.page(1), page));
    range(events.next(EventType.UNMAP), area, 1);
    mapper.await();
    Expect.filled(
        "copy", 0, Errno.ENOENT, uffd.copy(area.page(1), context.buffer(5), page, FillMode.WAKE));
    loader.staysAsleep();
    uffd.wake(area.page(1), page);
    Expect.equal("loaded", 0, loader.await());
  }

  private static void killed(CaseContext context) throws Exception {
    Area area = context.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd =
        context.open(area, RegisterMode.MISSING, Feature.EVENT_FORK, Feature.EVENT_REMOVE);
    GuestThread<Engine.Child> forker =
        context.forker(List.of(new Engine.Step.Drop(area.address(), page)));
    EventBuffer forked = new EventReader(uffd).next(EventType.FORK);
    Userfaultfd childs = context.adopt(uffd.adoptForked(forked.forkedDescriptor(0)));
    Engine.Child child = forker.await();
    context.awaitReadable(childs);
    child.close();
    context.awaitEnd(child);
    new EventReader(childs).none();
    Expect.equal("poll", 0, context.engine().poll(childs));
    Expect.refused(
        "COPY",
        Errno.ESRCH,
        () -> childs.copy(area.address(), context.buffer(1), page, FillMode.WAKE));
  }

  private static Userfaultfd open(CaseContext context, Area area) {
    return context.open(
        area, RegisterMode.MISSING, Feature.EVENT_REMAP, Feature.EVENT_UNMAP, Feature.EVENT_REMOVE);
  }

  private static Engine.Step onto(Area area) {
    return new Engine.Step.MoveOnto(area.page(0), area.pageBytes(), area.page(2));
  }

  private static void range(EventBuffer event, Area area, int page) {
    Expect.equal("start", area.page(page), event.rangeStart(0));
    Expect.equal("end", area.page(page) + area.pageBytes(), event.rangeEnd(0));
  }

  private static void copy(CaseContext context, Userfaultfd uffd, Area area, int page) {
    long length = area.pageBytes();
    Expect.complete(
        "copy", length, uffd.copy(area.page(page), context.buffer(5), length, FillMode.WAKE));
  }
}
