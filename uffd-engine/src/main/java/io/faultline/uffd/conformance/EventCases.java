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

/** Events of mappings that change: remove, remap, unmap. */
final class EventCases {
  private static final String GROUP = "events";

  private EventCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        row("event-remove", "dropped pages: REMOVE, and the page faults again", EventCases::remove),
        row("event-remap", "mremap: REMAP, then UNMAP; the registration moves", EventCases::remap),
        row("event-unmap", "munmap: UNMAP with its range", EventCases::unmap),
        row(
            "fault-before-remove",
            "read gives a fault before an earlier REMOVE",
            EventCases::order),
        row(
            "mmap-changing",
            "EAGAIN from every fill while an event is unread",
            EventCases::changing),
        new ConformanceCase(
            GROUP,
            "punch-hole-silent",
            "punching a hole in the file raises no event",
            MemoryType.SHARED,
            EventCases::punchHole),
        new ConformanceCase(
            GROUP,
            "remove-misaligned",
            "a misaligned MADV_REMOVE reports its unaligned range",
            Set.of(MemoryType.HUGETLB),
            EventCases::misaligned));
  }

  private static ConformanceCase row(String name, String checks, ConformanceCase.Body body) {
    return new ConformanceCase(GROUP, name, checks, MemoryType.ALL, body);
  }

  private static void remove(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    Userfaultfd uffd = missing(bench, area, Feature.EVENT_REMOVE);
    Events events = new Events(uffd);
    for (Advice advice : advices(bench.memory())) {
      copy(bench, uffd, area, 0);
      Guest<Boolean> guest = advise(bench, area.page(0), area.pageBytes(), advice);
      EventBuffer event = events.next(EventType.REMOVE);
      Check.equal(advice + " start", area.page(0), event.rangeStart(0));
      Check.equal(advice + " end", area.page(1), event.rangeEnd(0));
      guest.await();
    }
    if (advices(bench.memory()).getLast() != Advice.FREE) {
      Guest<Long> guest = bench.loader(area.page(0));
      events.fault(area.page(0), 0);
      copy(bench, uffd, area, 0);
      guest.await();
    }
    events.none();
  }

  /** The advices that drop pages; the last of them leaves a shared file without the page. */
  private static List<Advice> advices(MemoryType memory) {
    return switch (memory) {
      case ANONYMOUS -> List.of(Advice.DONT_NEED, Advice.FREE);
      case SHMEM, HUGETLB -> List.of(Advice.REMOVE);
      case SHMEM_PRIVATE, HUGETLB_PRIVATE -> List.of(Advice.DONT_NEED);
    };
  }

  private static void remap(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    Userfaultfd uffd = missing(bench, area, Feature.EVENT_REMAP, Feature.EVENT_UNMAP);
    copy(bench, uffd, area, 0);
    Events events = new Events(uffd);
    Guest<Long> guest = bench.guest("mremap", () -> move(bench, area));
    EventBuffer event = events.next(EventType.REMAP);
    Check.equal("from", area.address(), event.remapFrom(0));
    Check.equal("length", area.lengthBytes(), event.remapLength(0));
    long to = event.remapTo(0);
    EventBuffer unmapped = events.next(EventType.UNMAP);
    Check.equal("unmap start", area.address(), unmapped.rangeStart(0));
    Check.equal("unmap end", area.end(), unmapped.rangeEnd(0));
    Check.equal("new address", guest.await(), to);
    Area moved = new Area(to, area.pageBytes(), area.pages(), area.file());
    Check.equal("contents", 0, bench.loader(moved.page(0)).await());
    Guest<Long> load = bench.loader(moved.page(1));
    events.fault(moved.page(1), 0);
    copy(bench, uffd, moved, 1);
    load.await();
  }

  private static long move(CaseContext bench, Area area) {
    long address = bench.kernel().remap(area.address(), area.lengthBytes());
    bench.unmapLater(address, area.lengthBytes());
    return address;
  }

  private static void unmap(CaseContext bench) throws Exception {
    Area area = bench.map(3);
    Userfaultfd uffd = missing(bench, area, Feature.EVENT_UNMAP);
    long page = area.pageBytes();
    Guest<Boolean> guest = bench.guest("munmap", () -> bench.kernel().unmap(area.page(1), page));
    EventBuffer event = new Events(uffd).next(EventType.UNMAP);
    Check.equal("start", area.page(1), event.rangeStart(0));
    Check.equal("end", area.page(2), event.rangeEnd(0));
    guest.await();
    long result = uffd.copy(area.page(1), bench.buffer(1), page, FillMode.WAKE);
    Check.filled("copy", 0, Errno.ENOENT, result);
    copy(bench, uffd, area, 2);
  }

  private static void order(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    Userfaultfd uffd = missing(bench, area, Feature.EVENT_REMOVE);
    copy(bench, uffd, area, 0);
    Guest<Boolean> dropper = advise(bench, area.page(0), area.pageBytes(), drop(bench));
    bench.awaitReadable(uffd);
    Guest<Long> loader = bench.loader(area.page(1));
    loader.staysAsleep();
    Thread.sleep(50); // its fault cannot be seen without reading it
    Events events = new Events(uffd);
    events.fault(area.page(1), 0);
    events.next(EventType.REMOVE);
    dropper.await();
    copy(bench, uffd, area, 1);
    loader.await();
  }

  private static void changing(CaseContext bench) throws Exception {
    Area area = bench.map(3);
    long page = area.pageBytes();
    long target = area.page(2);
    Userfaultfd uffd =
        bench.open(Feature.EVENT_REMOVE, Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    bench.register(uffd, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
    if (bench.memory().isShared()) {
      bench.register(uffd, area, RegisterMode.values());
    }
    copy(bench, uffd, area, 0);
    Guest<Boolean> dropper = advise(bench, area.page(0), page, drop(bench));
    bench.awaitReadable(uffd);
    long source = bench.buffer(1);
    again("COPY", uffd.copy(target, source, page, FillMode.WAKE));
    again("ZEROPAGE", uffd.zeroPage(target, page, FillMode.WAKE));
    again("CONTINUE", uffd.continueFault(target, page, FillMode.WAKE));
    again("POISON", uffd.poison(target, page, FillMode.WAKE));
    again("WRITEPROTECT", uffd.writeProtect(target, page, ProtectMode.PROTECT));
    again("MOVE", uffd.move(target, area.page(1), page, MoveMode.WAKE));
    new Events(uffd).next(EventType.REMOVE);
    dropper.await();
    Check.complete("later", page, uffd.copy(target, source, page, FillMode.WAKE));
  }

  private static void again(String what, long result) {
    Check.filled(what, 0, Errno.EAGAIN, result);
  }

  private static void punchHole(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd =
        missing(bench, area, Feature.EVENT_REMOVE, Feature.EVENT_UNMAP, Feature.EVENT_REMAP);
    copy(bench, uffd, area, 0);
    bench.guest("fallocate", () -> area.backingFile().punchHole(0, page)).await();
    Events events = new Events(uffd);
    events.none();
    Guest<Long> guest = bench.loader(area.address());
    events.fault(area.address(), 0);
    copy(bench, uffd, area, 0);
    guest.await();
  }

  private static void misaligned(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    Userfaultfd uffd = missing(bench, area, Feature.EVENT_REMOVE);
    copy(bench, uffd, area, 0);
    long start = area.address() + 4096;
    Guest<Boolean> guest = advise(bench, start, 8192, Advice.REMOVE);
    EventBuffer event = new Events(uffd).next(EventType.REMOVE);
    Check.equal("start", start, event.rangeStart(0));
    Check.equal("end", start + 8192, event.rangeEnd(0));
    guest.await();
  }

  private static Advice drop(CaseContext bench) {
    return bench.memory().isShared() ? Advice.REMOVE : Advice.DONT_NEED;
  }

  private static Guest<Boolean> advise(
      CaseContext bench, long address, long length, Advice advice) {
    return bench.guest("madvise " + advice, () -> bench.kernel().advise(address, length, advice));
  }

  private static void copy(CaseContext bench, Userfaultfd uffd, Area area, int page) {
    long length = area.pageBytes();
    Check.complete(
        "copy", length, uffd.copy(area.page(page), bench.buffer(0), length, FillMode.WAKE));
  }

  private static Userfaultfd missing(CaseContext bench, Area area, Feature... features) {
    Userfaultfd uffd = bench.open(features);
    bench.register(uffd, area, RegisterMode.MISSING);
    return uffd;
  }
}
