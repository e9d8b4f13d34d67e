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

/** Opening a userfaultfd, its handshake, its scope, and polling it. */
final class ApiCases {
  private static final String GROUP = "api";
  private static final Set<MemoryType> ONCE = Set.of(MemoryType.ANONYMOUS);
  private static final long VERSION = 0xAA;
  private static final long IOCTLS =
      UffdIoctl.mask(Set.of(UffdIoctl.REGISTER, UffdIoctl.UNREGISTER, UffdIoctl.API));

  private ApiCases() {}

  static List<ConformanceCase> all() {
    return List.of(
        new ConformanceCase(
            GROUP,
            "api-syscall",
            "UFFDIO_API: bad version, bad feature, ioctl mask, second call",
            ONCE,
            bench -> handshakes(bench, OpenPath.SYSCALL)),
        new ConformanceCase(
            GROUP,
            "api-device",
            "the same through /dev/userfaultfd",
            ONCE,
            bench -> handshakes(bench, OpenPath.DEVICE)),
        new ConformanceCase(
            GROUP,
            "poll-blocking",
            "poll on a blocking userfaultfd is POLLERR",
            ONCE,
            ApiCases::pollBlocking),
        new ConformanceCase(
            GROUP,
            "poll-readable",
            "POLLIN while a fault waits, nothing once it is resolved",
            MemoryType.ALL,
            ApiCases::pollReadable),
        new ConformanceCase(
            GROUP,
            "user-mode-only",
            "a kernel access to a missing page is EFAULT",
            MemoryType.ALL,
            ApiCases::userModeOnly),
        new ConformanceCase(
            GROUP,
            "kernel-access",
            "an access of the kernel sleeps until the page is there",
            MemoryType.ALL,
            ApiCases::kernelAccess));
  }

  private static void handshakes(CaseContext bench, OpenPath path) {
    Rig rig = bench.rig();
    Rig.Handshake good = handshake(rig, path, VERSION, 0);
    Check.equal("handshake", 0, good.first());
    Check.equal("ioctl mask", IOCTLS, good.ioctls());
    Check.equal("second call", Errno.EINVAL, good.second());
    long features = Feature.mask(bench.kernel().supportedFeatures());
    Check.equal("known features", features, good.features() & features);

    Rig.Handshake version = handshake(rig, path, VERSION + 1, 0);
    refused("bad version", version);
    refused("bad feature bit", handshake(rig, path, VERSION, 1L << 62));
  }

  private static void refused(String what, Rig.Handshake hands) {
    Check.equal(what, Errno.EINVAL, hands.first());
    Check.equal(what + ": features", 0, hands.features());
    Check.equal(what + ": ioctls", 0, hands.ioctls());
    Check.equal(what + ": a correct call after it", 0, hands.second());
  }

  private static Rig.Handshake handshake(Rig rig, OpenPath path, long version, long features) {
    try {
      return rig.handshake(path, version, features);
    } catch (SystemCallException e) {
      throw new NotSupportedException(String.valueOf(e.getMessage()));
    }
  }

  private static void pollBlocking(CaseContext bench) {
    Userfaultfd uffd = bench.open(OpenOptions.of().blocking());
    Check.equal("poll", Rig.POLLERR, bench.rig().poll(uffd));
  }

  private static void pollReadable(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = bench.open();
    bench.register(uffd, area, RegisterMode.MISSING);
    Check.equal("poll before", 0, bench.rig().poll(uffd));
    Guest<Long> guest = bench.loader(area.address());
    bench.awaitReadable(uffd);
    Check.complete(
        "copy",
        area.pageBytes(),
        uffd.copy(area.address(), bench.buffer(7), area.pageBytes(), FillMode.WAKE));
    Check.equal("loaded", 7, guest.await());
    new Events(uffd).none();
    Check.equal("poll after", 0, bench.rig().poll(uffd));
  }

  private static void userModeOnly(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = bench.open(OpenOptions.of().withScope(FaultScope.USER_ONLY));
    bench.register(uffd, area, RegisterMode.MISSING);
    Check.equal("kernel store", Errno.EFAULT, bench.rig().kernelStore(area.address()));
    Check.equal("kernel load", Errno.EFAULT, bench.rig().kernelLoad(area.address()));
    new Events(uffd).none();
    Guest<Long> guest = bench.loader(area.address());
    new Events(uffd).fault(area.address(), 0);
    uffd.copy(area.address(), bench.buffer(7), area.pageBytes(), FillMode.WAKE);
    Check.equal("user load", 7, guest.await());
  }

  private static void kernelAccess(CaseContext bench) throws Exception {
    Area area = bench.map(1);
    Userfaultfd uffd = bench.open(OpenOptions.of().withScope(FaultScope.USER_AND_KERNEL));
    bench.register(uffd, area, RegisterMode.MISSING);
    Guest<Integer> guest =
        bench.guest("a kernel load", () -> bench.rig().kernelLoad(area.address()));
    new Events(uffd).fault(area.address(), 0);
    guest.staysAsleep();
    uffd.copy(area.address(), bench.buffer(7), area.pageBytes(), FillMode.WAKE);
    Check.equal("kernel load", 0, guest.await());
  }
}
