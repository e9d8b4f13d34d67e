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

/** Fault messages and wake-ups. */
final class WakeCases {
  private static final String GROUP = "wake";
  private static final int THREADS = 4;

  private WakeCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        row("missing-fault", "a load and a store, their flags, one event each", WakeCases::faults),
        row("wake-redelivers", "WAKE without resolving brings the fault again", WakeCases::wake),
        row("wake-by-range", "only those who wait in the range are woken", WakeCases::byRange),
        row("dont-wake", "DONTWAKE leaves them asleep until WAKE", WakeCases::dontWake),
        row("threads-on-page", "N threads on one page give N messages", WakeCases::threads),
        row("thread-id", "events carry the thread's id", WakeCases::threadId),
        row("exact-address", "events carry the exact address", WakeCases::exactAddress),
        new ConformanceCase(
            GROUP,
            "cached-silent",
            "a page that the file has raises no missing fault, in private mappings too",
            MemoryType.FILES,
            WakeCases::cached),
        row(
            "resolved-unread",
            "a fault resolved before it is read gives no event",
            WakeCases::unread));
  }

  private static ConformanceCase row(String name, String checks, ConformanceCase.Body body) {
    return new ConformanceCase(GROUP, name, checks, MemoryType.ALL, body);
  }

  private static void faults(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    Userfaultfd uffd = missing(bench, area);
    Events events = new Events(uffd);
    Guest<Long> load = bench.loader(area.page(0) + 64);
    events.fault(area.page(0), 0);
    fill(bench, uffd, area, 0);
    Check.equal("loaded", 8, load.await());
    Guest<Boolean> store = bench.storer(area.page(1) + 64, 99);
    events.fault(area.page(1), EventBuffer.FLAG_WRITE);
    fill(bench, uffd, area, 1);
    store.await();
    Check.equal("stored", 99, bench.load(area.page(1) + 64));
    Check.equal("beside it", 1, bench.load(area.page(1) + 8));
    events.none();
  }

  private static void wake(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = missing(bench, area);
    Events events = new Events(uffd);
    Guest<Long> guest = bench.loader(area.address());
    for (int i = 0; i < 3; i++) {
      events.fault(area.address(), 0);
      events.none();
      uffd.wake(area.address(), area.pageBytes());
    }
    events.fault(area.address(), 0);
    guest.staysAsleep();
    fill(bench, uffd, area, 0);
    guest.await();
  }

  private static void byRange(CaseContext bench) throws Exception {
    Area area = bench.map(3);
    Userfaultfd uffd = missing(bench, area);
    Events events = new Events(uffd);
    Guest<Long> first = bench.loader(area.page(0));
    events.fault(area.page(0), 0);
    Guest<Long> last = bench.loader(area.page(2));
    events.fault(area.page(2), 0);
    fill(bench, uffd, area, 2);
    last.await();
    first.staysAsleep();
    uffd.wake(area.page(1), 2 * area.pageBytes());
    first.staysAsleep();
    events.none();
    fill(bench, uffd, area, 0);
    first.await();
  }

  private static void dontWake(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    long page = area.pageBytes();
    Userfaultfd uffd = missing(bench, area);
    Guest<Long> guest = bench.loader(area.address());
    new Events(uffd).fault(area.address(), 0);
    guest.staysAsleep(); // its event can be read before it has looked at the page once more
    long result = uffd.copy(area.address(), bench.buffer(4), page, FillMode.DONT_WAKE);
    Check.complete("copy", page, result);
    guest.staysAsleep();
    uffd.wake(area.address(), page);
    Check.equal("loaded", 4, guest.await());
  }

  private static void threads(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = missing(bench, area);
    Events events = new Events(uffd);
    List<Guest<Long>> guests = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      guests.add(bench.loader(area.address() + i * 8L));
    }
    for (int i = 0; i < THREADS; i++) {
      events.fault(area.address(), 0);
    }
    events.none();
    fill(bench, uffd, area, 0);
    for (int i = 0; i < THREADS; i++) {
      Check.equal("loaded", i, guests.get(i).await());
    }
  }

  private static void threadId(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    Userfaultfd uffd = bench.open(Feature.THREAD_ID);
    bench.register(uffd, area, RegisterMode.MISSING);
    Events events = new Events(uffd);
    Set<Integer> ids = new HashSet<>();
    for (int i = 0; i < 2; i++) {
      Guest<Long> guest = bench.loader(area.page(i));
      ids.add(events.fault(area.page(i), 0).threadId(0));
      fill(bench, uffd, area, i);
      guest.await();
    }
    Check.that(!ids.contains(0), "a fault carries no thread id");
    Check.equal("different threads", 2, ids.size());
  }

  private static void exactAddress(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = bench.open(Feature.EXACT_ADDRESS);
    bench.register(uffd, area, RegisterMode.MISSING);
    Guest<Long> guest = bench.loader(area.address() + 0x128);
    EventBuffer event = new Events(uffd).next(EventType.PAGE_FAULT);
    Check.equal("address", area.address() + 0x128, event.address(0));
    fill(bench, uffd, area, 0);
    guest.await();
  }

  private static void cached(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    bench.store(bench.mapAgain(area).page(0), 42);
    Userfaultfd uffd = missing(bench, area);
    Check.equal("page of the file", 42, bench.loader(area.page(0)).await());
    Events events = new Events(uffd);
    events.none();
    Guest<Long> guest = bench.loader(area.page(1));
    events.fault(area.page(1), 0);
    fill(bench, uffd, area, 1);
    guest.await();
  }

  private static void unread(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = missing(bench, area);
    Guest<Long> guest = bench.loader(area.address());
    guest.staysAsleep();
    fill(bench, uffd, area, 0);
    guest.await();
    new Events(uffd).none();
  }

  private static void fill(CaseContext bench, Userfaultfd uffd, Area area, int page) {
    long length = area.pageBytes();
    Check.complete(
        "copy", length, uffd.copy(area.page(page), bench.buffer(0), length, FillMode.WAKE));
  }

  private static Userfaultfd missing(CaseContext bench, Area area) {
    Userfaultfd uffd = bench.open();
    bench.register(uffd, area, RegisterMode.MISSING);
    return uffd;
  }
}
