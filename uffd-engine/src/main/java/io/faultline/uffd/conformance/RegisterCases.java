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
  private static final CaseGroup GROUP = new CaseGroup("register", MemoryType.ALL);
  private static final Set<UffdIoctl> ALWAYS =
      Set.of(UffdIoctl.WAKE, UffdIoctl.COPY, UffdIoctl.POISON);

  private RegisterCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "register-ioctls",
            "the allowed ioctls of each combination of modes",
            RegisterCases::ioctls),
        GROUP.row(
            "register-refusals",
            "EINVAL unaligned, unmapped, no mode, anonymous MINOR; EBUSY if registered elsewhere",
            RegisterCases::refusals),
        GROUP.row(
            "register-again",
            "fewer modes change nothing, more modes are added",
            RegisterCases::again),
        GROUP.row(
            "unregister-wakes",
            "wakes waiting threads, and later faults send no event",
            RegisterCases::unregister),
        GROUP.row(
            "close-releases",
            "after close, waiting threads continue with a page of zeros",
            RegisterCases::close),
        GROUP.row(
            "replaced-by-zeros",
            "mmap(MAP_FIXED) wakes no waiting thread; after close they continue with zeros",
            RegisterCases::replaced));
  }

  private static void ioctls(CaseContext context) {
    Area area = context.map(1);
    boolean minor = context.memory() != MemoryType.ANONYMOUS;
    check(context, area, RegisterMode.MISSING);
    check(context, area, RegisterMode.WRITE_PROTECT);
    check(context, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
    if (minor) {
      check(context, area, RegisterMode.MINOR);
      check(context, area, RegisterMode.MINOR, RegisterMode.WRITE_PROTECT);
      check(context, area, RegisterMode.values());
    }
  }

  private static void check(CaseContext context, Area area, RegisterMode... modes) {
    Set<RegisterMode> wanted = Set.of(modes);
    Set<UffdIoctl> expected = EnumSet.copyOf(ALWAYS);
    if (!context.memory().isHuge()) {
      expected.add(UffdIoctl.ZEROPAGE);
      expected.add(UffdIoctl.MOVE);
    }
    if (wanted.contains(RegisterMode.WRITE_PROTECT)) {
      expected.add(UffdIoctl.WRITEPROTECT);
    }
    if (wanted.contains(RegisterMode.MINOR)) {
      expected.add(UffdIoctl.CONTINUE);
    }
    try (Userfaultfd uffd = context.open(Feature.WP_HUGETLBFS_SHMEM)) {
      Set<UffdIoctl> granted = context.register(uffd, area, modes);
      Expect.equal(
          "ioctls for " + EnumSet.copyOf(wanted),
          UffdIoctl.mask(expected),
          UffdIoctl.mask(granted));
    }
  }

  private static void refusals(CaseContext context) {
    Area area = context.map(2);
    Userfaultfd uffd = context.open();
    long page = area.pageBytes();
    Set<RegisterMode> missing = Set.of(RegisterMode.MISSING);
    refused("unaligned address", Errno.EINVAL, uffd, area.address() + 8, page, missing);
    refused("unaligned length", Errno.EINVAL, uffd, area.address(), page - 8, missing);
    refused("length 0", Errno.EINVAL, uffd, area.address(), 0, missing);
    refused("no mode", Errno.EINVAL, uffd, area.address(), page, Set.of());
    if (context.memory() == MemoryType.ANONYMOUS) {
      refused("MINOR", Errno.EINVAL, uffd, area.address(), page, Set.of(RegisterMode.MINOR));
    }
    context.register(uffd, area, RegisterMode.MISSING);
    Userfaultfd other = context.open();
    refused("twice", Errno.EBUSY, other, area.address(), page, missing);
    context.kernel().unmap(area.address(), area.lengthBytes());
    refused("unmapped", Errno.EINVAL, uffd, area.address(), page, missing);
  }

  private static void refused(
      String what, int errno, Userfaultfd uffd, long at, long length, Set<RegisterMode> modes) {
    Expect.refused(what, errno, Expect.call(() -> uffd.register(at, length, modes)));
  }

  private static void again(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(Feature.PAGEFAULT_FLAG_WP, Feature.WP_HUGETLBFS_SHMEM);
    context.register(uffd, area, RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
    context.register(uffd, area, RegisterMode.WRITE_PROTECT);
    GuestThread<Long> guest = context.loader(area.address());
    new EventReader(uffd).fault(area.address(), 0);
    uffd.unregister(area.address(), area.lengthBytes());
    Expect.equal("loaded", 0, guest.await());
  }

  private static void unregister(CaseContext context) throws Exception {
    Area area = context.map(2);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    GuestThread<Boolean> guest = context.storer(area.address(), 5);
    EventReader events = new EventReader(uffd);
    events.fault(area.address(), EventBuffer.FLAG_WRITE);
    uffd.unregister(area.address(), area.lengthBytes());
    guest.await();
    Expect.equal("stored", 5, context.loader(area.address()).await());
    Expect.equal("other page", 0, context.loader(area.page(1)).await());
    events.none();
  }

  private static void replaced(CaseContext context) throws Exception {
    Area area = context.map(2);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    long page = area.pageBytes();
    Expect.complete(
        "copy", page, uffd.copy(area.page(1), context.buffer(1, 100), page, FillMode.WAKE));
    GuestThread<Long> guest = context.loader(area.address());
    new EventReader(uffd).fault(area.address(), 0);
    context.kernel().replaceByZeros(area.address(), area.lengthBytes());
    guest.staysAsleep();
    uffd.unregister(area.address(), area.lengthBytes());
    uffd.close();
    Expect.equal("loaded by the waiting thread", 0, guest.await());
    Expect.equal("loaded from the page that was present", 0, context.loader(area.page(1)).await());
  }

  private static void close(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    GuestThread<Long> guest = context.loader(area.address());
    new EventReader(uffd).fault(area.address(), 0);
    guest.staysAsleep();
    uffd.close();
    Expect.equal("loaded", 0, guest.await());
  }
}
