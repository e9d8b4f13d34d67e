package io.faultline.uffd.conformance;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.OpenPath;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.UffdIoctl;
import io.faultline.uffd.Userfaultfd;
import java.util.List;
import java.util.Set;

/** Opening a userfaultfd, its handshake and scope, and polling it. */
final class ApiCases {
  private static final CaseGroup GROUP = new CaseGroup("api", MemoryType.ALL);
  private static final Set<MemoryType> ONCE = Set.of(MemoryType.ANONYMOUS);
  private static final long VERSION = 0xAA;
  private static final long IOCTLS =
      UffdIoctl.mask(Set.of(UffdIoctl.REGISTER, UffdIoctl.UNREGISTER, UffdIoctl.API));

  private ApiCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        GROUP.row(
            "api-syscall",
            "UFFDIO_API: bad version, bad feature, ioctl mask, second call",
            ONCE,
            context -> handshakes(context, OpenPath.SYSCALL)),
        GROUP.row(
            "api-device",
            "the same through /dev/userfaultfd",
            ONCE,
            context -> handshakes(context, OpenPath.DEVICE)),
        GROUP.row(
            "poll-blocking",
            "poll on a blocking userfaultfd is POLLERR",
            ONCE,
            ApiCases::pollBlocking),
        GROUP.row(
            "poll-readable",
            "POLLIN while a fault waits, nothing once it is resolved",
            ApiCases::pollReadable),
        GROUP.row(
            "user-mode-only",
            "an access in kernel mode to a missing page is EFAULT",
            ApiCases::userModeOnly),
        GROUP.row(
            "kernel-access",
            "an access in kernel mode sleeps until the page is present",
            ApiCases::kernelAccess));
  }

  private static void handshakes(CaseContext context, OpenPath path) {
    Engine engine = context.engine();
    Engine.Handshake good = handshake(engine, path, VERSION, 0);
    Expect.equal("handshake", 0, good.first());
    Expect.equal("ioctl mask", IOCTLS, good.ioctls());
    Expect.equal("second call", Errno.EINVAL, good.second());
    long features = Feature.mask(context.kernel().supportedFeatures());
    Expect.equal("known features", features, good.features() & features);

    Engine.Handshake version = handshake(engine, path, VERSION + 1, 0);
    refused("bad version", version);
    refused("bad feature bit", handshake(engine, path, VERSION, 1L << 62));
  }

  private static void refused(String what, Engine.Handshake handshake) {
    Expect.equal(what, Errno.EINVAL, handshake.first());
    Expect.equal(what + ": features", 0, handshake.features());
    Expect.equal(what + ": ioctls", 0, handshake.ioctls());
    Expect.equal(what + ": a valid call after it", 0, handshake.second());
  }

  private static Engine.Handshake handshake(
      Engine engine, OpenPath path, long version, long features) {
    try {
      return engine.handshake(path, version, features);
    } catch (SystemCallException e) {
      throw new NotSupportedException(String.valueOf(e.getMessage()));
    }
  }

  private static void pollBlocking(CaseContext context) {
    Userfaultfd uffd = context.open(OpenOptions.of().blocking());
    Expect.equal("poll", Engine.POLLERR, context.engine().poll(uffd));
  }

  private static void pollReadable(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(area, RegisterMode.MISSING);
    Expect.equal("poll before", 0, context.engine().poll(uffd));
    GuestThread<Long> guest = context.loader(area.address());
    context.awaitReadable(uffd);
    Expect.complete(
        "copy",
        area.pageBytes(),
        uffd.copy(area.address(), context.buffer(7), area.pageBytes(), FillMode.WAKE));
    Expect.equal("loaded", 7, guest.await());
    new EventReader(uffd).none();
    Expect.equal("poll after", 0, context.engine().poll(uffd));
  }

  private static void userModeOnly(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(OpenOptions.of().withScope(FaultScope.USER_ONLY));
    context.register(uffd, area, RegisterMode.MISSING);
    Expect.equal("kernel store", Errno.EFAULT, context.engine().kernelStore(area.address()));
    Expect.equal("kernel load", Errno.EFAULT, context.engine().kernelLoad(area.address()));
    new EventReader(uffd).none();
    GuestThread<Long> guest = context.loader(area.address());
    new EventReader(uffd).fault(area.address(), 0);
    uffd.copy(area.address(), context.buffer(7), area.pageBytes(), FillMode.WAKE);
    Expect.equal("user load", 7, guest.await());
  }

  private static void kernelAccess(CaseContext context) throws Exception {
    Area area = context.map(1);
    Userfaultfd uffd = context.open(OpenOptions.of().withScope(FaultScope.USER_AND_KERNEL));
    context.register(uffd, area, RegisterMode.MISSING);
    GuestThread<Integer> guest =
        context.guest("a load in kernel mode", () -> context.engine().kernelLoad(area.address()));
    new EventReader(uffd).fault(area.address(), 0);
    guest.staysAsleep();
    uffd.copy(area.address(), context.buffer(7), area.pageBytes(), FillMode.WAKE);
    Expect.equal("kernel load", 0, guest.await());
  }
}
