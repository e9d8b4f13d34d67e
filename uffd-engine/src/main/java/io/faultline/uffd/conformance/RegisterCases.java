package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.UffdIoctl;
import io.faultline.uffd.Userfaultfd;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** UFFDIO_REGISTER and UFFDIO_UNREGISTER. */
final class RegisterCases {
  private static final String GROUP = "register";
  private static final Set<UffdIoctl> ALWAYS =
      Set.of(UffdIoctl.WAKE, UffdIoctl.COPY, UffdIoctl.POISON);

  private RegisterCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase(
            GROUP,
            "register-ioctls",
            "the ioctls that each combination of modes grants",
            MemoryType.ALL,
            RegisterCases::ioctls),
        new ConformanceCase(
            GROUP,
            "register-refusals",
            "EINVAL unaligned, unmapped, no mode, anonymous MINOR; EBUSY with another",
            MemoryType.ALL,
            RegisterCases::refusals),
        new ConformanceCase(
            GROUP,
            "register-again",
            "fewer modes change nothing, further modes are added",
            MemoryType.ALL,
            RegisterCases::again),
        new ConformanceCase(
            GROUP,
            "unregister-wakes",
            "who waits in the range goes on, and later faults raise no event",
            MemoryType.ALL,
            RegisterCases::unregister),
        new ConformanceCase(
            GROUP,
            "close-releases",
            "closing lets waiters go on, with a page of zeros",
            MemoryType.ALL,
            RegisterCases::close),
        new ConformanceCase(
            GROUP,
            "replaced-by-zeros",
            "mmap(MAP_FIXED) over it: waiters sleep on, and closing lets them go on with zeros",
            MemoryType.ALL,
            RegisterCases::replaced));
  }

  private static void ioctls(CaseContext bench) {
    Area area = bench.map(1);
    boolean minor = bench.memory() != MemoryType.ANONYMOUS;
    check(bench, area, RegisterMode.MISSING);
    check(bench, area, RegisterMode.WRITE_PROTECT);
    check(bench, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
    if (minor) {
      check(bench, area, RegisterMode.MINOR);
      check(bench, area, RegisterMode.MINOR, RegisterMode.WRITE_PROTECT);
      check(bench, area, RegisterMode.values());
    }
  }

  private static void check(CaseContext bench, Area area, RegisterMode... modes) {
    Set<RegisterMode> wanted = Set.of(modes);
    Set<UffdIoctl> expected = EnumSet.copyOf(ALWAYS);
    if (!bench.memory().isHuge()) {
      expected.add(UffdIoctl.ZEROPAGE);
      expected.add(UffdIoctl.MOVE);
    }
    if (wanted.contains(RegisterMode.WRITE_PROTECT)) {
      expected.add(UffdIoctl.WRITEPROTECT);
    }
    if (wanted.contains(RegisterMode.MINOR)) {
      expected.add(UffdIoctl.CONTINUE);
    }
    try (Userfaultfd uffd = bench.open(Feature.WP_HUGETLBFS_SHMEM)) {
      Set<UffdIoctl> granted = bench.register(uffd, area, modes);
      Check.equal(
          "ioctls for " + EnumSet.copyOf(wanted),
          UffdIoctl.mask(expected),
          UffdIoctl.mask(granted));
    }
  }

  private static void refusals(CaseContext bench) {
    Area area = bench.map(2);
    Userfaultfd uffd = bench.open();
    long page = area.pageBytes();
    Set<RegisterMode> missing = Set.of(RegisterMode.MISSING);
    refused("unaligned address", Errno.EINVAL, uffd, area.address() + 8, page, missing);
    refused("unaligned length", Errno.EINVAL, uffd, area.address(), page - 8, missing);
    refused("length 0", Errno.EINVAL, uffd, area.address(), 0, missing);
    refused("no mode", Errno.EINVAL, uffd, area.address(), page, Set.of());
    if (bench.memory() == MemoryType.ANONYMOUS) {
      refused("MINOR", Errno.EINVAL, uffd, area.address(), page, Set.of(RegisterMode.MINOR));
    }
    bench.register(uffd, area, RegisterMode.MISSING);
    Userfaultfd other = bench.open();
    refused("twice", Errno.EBUSY, other, area.address(), page, missing);
    bench.kernel().unmap(area.address(), area.lengthBytes());
    refused("unmapped", Errno.EINVAL, uffd, area.address(), page, missing);
  }

  private static void refused(
      String what, int errno, Userfaultfd uffd, long at, long length, Set<RegisterMode> modes) {
    Check.refused(what, errno, Check.call(() -> uffd.register(at, length, modes)));
  }

  private static void again(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = bench.open(Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    bench.register(uffd, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
    bench.register(uffd, area, RegisterMode.WRITE_PROTECT);
    Guest<Long> guest = bench.loader(area.address());
    new Events(uffd).fault(area.address(), 0);
    uffd.unregister(area.address(), area.lengthBytes());
    Check.equal("loaded", 0, guest.await());
  }

  private static void unregister(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    Userfaultfd uffd = bench.open();
    bench.register(uffd, area, RegisterMode.MISSING);
    Guest<Boolean> guest = bench.storer(area.address(), 5);
    Events events = new Events(uffd);
    events.fault(area.address(), EventBuffer.FLAG_WRITE);
    uffd.unregister(area.address(), area.lengthBytes());
    guest.await();
    Check.equal("stored", 5, bench.loader(area.address()).await());
    Check.equal("other page", 0, bench.loader(area.page(1)).await());
    events.none();
  }

  private static void replaced(CaseContext bench) throws Exception {
    Area area = bench.map(2);
    Userfaultfd uffd = bench.open();
    bench.register(uffd, area, RegisterMode.MISSING);
    long page = area.pageBytes();
    Check.complete(
        "copy", page, uffd.copy(area.page(1), bench.buffer(1, 100), page, FillMode.WAKE));
    Guest<Long> guest = bench.loader(area.address());
    new Events(uffd).fault(area.address(), 0);
    bench.kernel().replaceByZeros(area.address(), area.lengthBytes());
    guest.staysAsleep();
    uffd.unregister(area.address(), area.lengthBytes());
    uffd.close();
    Check.equal("loaded by who waited", 0, guest.await());
    Check.equal("loaded from what was there", 0, bench.loader(area.page(1)).await());
  }

  private static void close(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = bench.open();
    bench.register(uffd, area, RegisterMode.MISSING);
    Guest<Long> guest = bench.loader(area.address());
    new Events(uffd).fault(area.address(), 0);
    guest.staysAsleep();
    uffd.close();
    Check.equal("loaded", 0, guest.await());
  }
}
