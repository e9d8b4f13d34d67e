package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;

/** Events of changing mappings: remove, remap, unmap. */
final class EventCases {
  private static final CaseGroup GROUP = new CaseGroup("events", MemoryType.ALL);

  private EventCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "event-remove",
            "dropping pages sends REMOVE, and the page faults again",
            EventCases::remove),
        GROUP.row(
            "event-remap",
            "mremap sends REMAP, then UNMAP; the registration moves",
            EventCases::remap),
        GROUP.row("event-unmap", "munmap sends UNMAP with its range", EventCases::unmap),
        GROUP.row(
            "fault-before-remove",
            "read returns a fault before an earlier REMOVE",
            EventCases::order),
        GROUP.row(
            "mmap-changing",
            "EAGAIN from every fill while an event is unread",
            EventCases::changing),
        GROUP.row(
            "punch-hole-silent",
            "punching a hole in the file sends no event",
            MemoryType.SHARED,
            EventCases::punchHole),
        GROUP.row(
            "remove-misaligned",
            "a misaligned MADV_REMOVE reports its unaligned range",
            Set.of(MemoryType.HUGETLB),
            EventCases::misaligned));
  }

  private static void remove(CaseContext context) throws Exception {
    Area area = context.map(2);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING, Feature.EVENT_REMOVE);
    EventReader events = new EventReader(uffd);
    for (Advice advice : advices(context.memory())) {
      copy(context, uffd, area, 0);
      GuestThread<Boolean> guest = advise(context, area.page(0), area.pageBytes(), advice);
      EventBuffer event = events.next(EventType.REMOVE);
      Expect.equal(advice + " start", area.page(0), event.rangeStart(0));
      Expect.equal(advice + " end", area.page(1), event.rangeEnd(0));
      guest.await();
    }
    if (advices(context.memory()).getLast() != Advice.FREE) {
      GuestThread<Long> guest = context.loader(area.page(0));
      events.fault(area.page(0), 0);
      copy(context, uffd, area, 0);
      guest.await();
    }
    events.none();
  }

  /** The kinds of advice that drop pages; the last one removes the page from a shared file. */
  private static List<Advice> advices(MemoryType memory) {
    return switch (memory) {
      case ANONYMOUS -> List.of(Advice.DONT_NEED, Advice.FREE);
      case SHMEM, HUGETLB -> List.of(Advice.REMOVE);
      case SHMEM_PRIVATE, HUGETLB_PRIVATE -> List.of(Advice.DONT_NEED);
    };
  }

  private static void remap(CaseContext context) throws Exception {
    Area area = context.map(2);
    Userfaultfd uffd =
        context.open(area, RegisterMode.MISSING, Feature.EVENT_REMAP, Feature.EVENT_UNMAP);
    copy(context, uffd, area, 0);
    EventReader events = new EventReader(uffd);
    GuestThread<Long> guest = context.guest("mremap", () -> move(context, area));
    EventBuffer event = events.next(EventType.REMAP);
    Expect.equal("from", area.address(), event.remapFrom(0));
    Expect.equal("length", area.lengthBytes(), event.remapLength(0));
    long to = event.remapTo(0);
    EventBuffer unmapped = events.next(EventType.UNMAP);
    Expect.equal("unmap start", area.address(), unmapped.rangeStart(0));
    Expect.equal("unmap end", area.end(), unmapped.rangeEnd(0));
    Expect.equal("new address", guest.await(), to);
    Area moved = new Area(to, area.pageBytes(), area.pages(), area.file());
    Expect.equal("contents", 0, context.loader(moved.page(0)).await());
    GuestThread<Long> load = context.loader(moved.page(1));
    events.fault(moved.page(1), 0);
    copy(context, uffd, moved, 1);
    load.await();
  }

  private static long move(CaseContext context, Area area) {
    long address = context.kernel().remap(area.address(), area.lengthBytes());
    context.unmapLater(address, area.lengthBytes());
    return address;
  }

  private static void unmap(CaseContext context) throws Exception {
    Area area = context.map(3);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING, Feature.EVENT_UNMAP);
    long page = area.pageBytes();
    GuestThread<Boolean> guest =
        context.guest("munmap", () -> context.kernel().unmap(area.page(1), page));
    EventBuffer event = new EventReader(uffd).next(EventType.UNMAP);
    Expect.equal("start", area.page(1), event.rangeStart(0));
    Expect.equal("end", area.page(2), event.rangeEnd(0));
    guest.await();
    long result = uffd.copy(area.page(1), context.buffer(1), page, FillMode.WAKE);
    Expect.filled("copy", 0, Errno.ENOENT, result);
    copy(context, uffd, area, 2);
  }

  private static void order(CaseContext context) throws Exception {
    Area area = context.map(2);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING, Feature.EVENT_REMOVE);
    copy(context, uffd, area, 0);
    GuestThread<Boolean> dropper = advise(context, area.page(0), area.pageBytes(), drop(context));
    context.awaitReadable(uffd);
    GuestThread<Long> loader = context.loader(area.page(1));
    loader.staysAsleep();
    Thread.sleep(50); // the fault is not observable without reading it
    EventReader events = new EventReader(uffd);
    events.fault(area.page(1), 0);
    events.next(EventType.REMOVE);
    dropper.await();
    copy(context, uffd, area, 1);
    loader.await();
  }

  private static void changing(CaseContext context) throws Exception {
    Area area = context.map(3);
    long page = area.pageBytes();
    long target = area.page(2);
    Userfaultfd uffd =
        context.open(Feature.EVENT_REMOVE, Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    context.register(uffd, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
    if (context.memory().isShared()) {
      context.register(uffd, area, RegisterMode.values());
    }
    copy(context, uffd, area, 0);
    GuestThread<Boolean> dropper = advise(context, area.page(0), page, drop(context));
    context.awaitReadable(uffd);
    long source = context.buffer(1);
    again("COPY", uffd.copy(target, source, page, FillMode.WAKE));
    again("ZEROPAGE", uffd.zeroPage(target, page, FillMode.WAKE));
    again("CONTINUE", uffd.continueFault(target, page, FillMode.WAKE));
    again("POISON", uffd.poison(target, page, FillMode.WAKE));
    again("WRITEPROTECT", uffd.writeProtect(target, page, ProtectMode.PROTECT));
    again("MOVE", uffd.move(target, area.page(1), page, MoveMode.WAKE));
    new EventReader(uffd).next(EventType.REMOVE);
    dropper.await();
    Expect.complete("later", page, uffd.copy(target, source, page, FillMode.WAKE));
  }

  private static void again(String what, long result) {
    Expect.filled(what, 0, Errno.EAGAIN, result);
  }

  private static void punchHole(CaseContext context) throws Exception {
    Area area = context.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd =
        context.open(
            area,
            RegisterMode.MISSING,
            Feature.EVENT_REMOVE,
            Feature.EVENT_UNMAP,
            Feature.EVENT_REMAP);
    copy(context, uffd, area, 0);
    context.guest("fallocate", () -> area.backingFile().punchHole(0, page)).await();
    EventReader events = new EventReader(uffd);
    events.none();
    GuestThread<Long> guest = context.loader(area.address());
    events.fault(area.address(), 0);
    copy(context, uffd, area, 0);
    guest.await();
  }

  private static void misaligned(CaseContext context) throws Exception {
    Area area = context.map(2);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING, Feature.EVENT_REMOVE);
    copy(context, uffd, area, 0);
    long start = area.address() + 4096;
    GuestThread<Boolean> guest = advise(context, start, 8192, Advice.REMOVE);
    EventBuffer event = new EventReader(uffd).next(EventType.REMOVE);
    Expect.equal("start", start, event.rangeStart(0));
    Expect.equal("end", start + 8192, event.rangeEnd(0));
    guest.await();
  }

  private static Advice drop(CaseContext context) {
    return context.memory().isShared() ? Advice.REMOVE : Advice.DONT_NEED;
  }

  private static GuestThread<Boolean> advise(
      CaseContext context, long address, long length, Advice advice) {
    return context.guest(
        "madvise " + advice, () -> context.kernel().advise(address, length, advice));
  }

  private static void copy(CaseContext context, Userfaultfd uffd, Area area, int page) {
    long length = area.pageBytes();
    Expect.complete(
        "copy", length, uffd.copy(area.page(page), context.buffer(0), length, FillMode.WAKE));
  }
}
