package io.faultline.uffd.conformance;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Fault events and wake-ups. */
final class WakeCases {
  private static final CaseGroup GROUP = new CaseGroup("wake", MemoryType.ALL);
  private static final int THREADS = 4;

  private WakeCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "missing-fault",
            "a load and a store send one event each, with its flags",
            WakeCases::faults),
        GROUP.row("wake-redelivers", "WAKE without a page sends the fault again", WakeCases::wake),
        GROUP.row("wake-by-range", "wakes only threads that wait in the range", WakeCases::byRange),
        GROUP.row("dont-wake", "with DONTWAKE threads sleep until WAKE", WakeCases::dontWake),
        GROUP.row("threads-on-page", "N threads on one page send N events", WakeCases::threads),
        GROUP.row("thread-id", "events carry the thread's id", WakeCases::threadId),
        GROUP.row("exact-address", "events carry the exact address", WakeCases::exactAddress),
        GROUP.row(
            "cached-silent",
            "a page in the file causes no missing fault, also in private mappings",
            MemoryType.FILES,
            WakeCases::cached),
        GROUP.row(
            "resolved-unread",
            "a fault that is resolved before it is read sends no event",
            WakeCases::unread));
  }

  private static void faults(CaseContext context) throws Exception {
    Area area = context.map(2);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    EventReader events = new EventReader(uffd);
    GuestThread<Long> load = context.loader(area.page(0) + 64);
    events.fault(area.page(0), 0);
    fill(context, uffd, area, 0);
    Expect.equal("loaded", 8, load.await());
    GuestThread<Boolean> store = context.storer(area.page(1) + 64, 99);
    events.fault(area.page(1), EventBuffer.FLAG_WRITE);
    fill(context, uffd, area, 1);
    store.await();
    Expect.equal("stored", 99, context.load(area.page(1) + 64));
    Expect.equal("next to it", 1, context.load(area.page(1) + 8));
    events.none();
  }

  private static void wake(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    EventReader events = new EventReader(uffd);
    GuestThread<Long> guest = context.loader(area.address());
    for (int i = 0; i < 3; i++) {
      events.fault(area.address(), 0);
      events.none();
      uffd.wake(area.address(), area.pageBytes());
    }
    events.fault(area.address(), 0);
    guest.staysAsleep();
    fill(context, uffd, area, 0);
    guest.await();
  }

  private static void byRange(CaseContext context) throws Exception {
    Area area = context.map(3);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    EventReader events = new EventReader(uffd);
    GuestThread<Long> first = context.loader(area.page(0));
    events.fault(area.page(0), 0);
    GuestThread<Long> last = context.loader(area.page(2));
    events.fault(area.page(2), 0);
    fill(context, uffd, area, 2);
    last.await();
    first.staysAsleep();
    uffd.wake(area.page(1), 2 * area.pageBytes());
    first.staysAsleep();
    events.none();
    fill(context, uffd, area, 0);
    first.await();
  }

  private static void dontWake(CaseContext context) throws Exception {
    Area area = context.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    GuestThread<Long> guest = context.loader(area.address());
    new EventReader(uffd).fault(area.address(), 0);
    guest.staysAsleep(); // its event can be read before it has rechecked the page
    long result = uffd.copy(area.address(), context.buffer(4), page, FillMode.DONT_WAKE);
    Expect.complete("copy", page, result);
    guest.staysAsleep();
    uffd.wake(area.address(), page);
    Expect.equal("loaded", 4, guest.await());
  }

  private static void threads(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    EventReader events = new EventReader(uffd);
    List<GuestThread<Long>> guests = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      guests.add(context.loader(area.address() + i * 8L));
    }
    for (int i = 0; i < THREADS; i++) {
      events.fault(area.address(), 0);
    }
    events.none();
    fill(context, uffd, area, 0);
    for (int i = 0; i < THREADS; i++) {
      Expect.equal("loaded", i, guests.get(i).await());
    }
  }

  private static void threadId(CaseContext context) throws Exception {
    Area area = context.map(2);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING, Feature.THREAD_ID);
    EventReader events = new EventReader(uffd);
    Set<Integer> ids = new HashSet<>();
    for (int i = 0; i < 2; i++) {
      GuestThread<Long> guest = context.loader(area.page(i));
      ids.add(events.fault(area.page(i), 0).threadId(0));
      fill(context, uffd, area, i);
      guest.await();
    }
    Expect.that(!ids.contains(0), "a fault has no thread id");
    Expect.equal("different threads", 2, ids.size());
  }

  private static void exactAddress(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING, Feature.EXACT_ADDRESS);
    GuestThread<Long> guest = context.loader(area.address() + 0x128);
    EventBuffer event = new EventReader(uffd).next(EventType.PAGE_FAULT);
    Expect.equal("address", area.address() + 0x128, event.address(0));
    fill(context, uffd, area, 0);
    guest.await();
  }

  private static void cached(CaseContext context) throws Exception {
    Area area = context.map(2);
    context.store(context.mapAgain(area).page(0), 42);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    Expect.equal("page of the file", 42, context.loader(area.page(0)).await());
    EventReader events = new EventReader(uffd);
    events.none();
    GuestThread<Long> guest = context.loader(area.page(1));
    events.fault(area.page(1), 0);
    fill(context, uffd, area, 1);
    guest.await();
  }

  private static void unread(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    GuestThread<Long> guest = context.loader(area.address());
    guest.staysAsleep();
    fill(context, uffd, area, 0);
    guest.await();
    new EventReader(uffd).none();
  }

  private static void fill(CaseContext context, Userfaultfd uffd, Area area, int page) {
    long length = area.pageBytes();
    Expect.complete(
        "copy", length, uffd.copy(area.page(page), context.buffer(0), length, FillMode.WAKE));
  }
}
