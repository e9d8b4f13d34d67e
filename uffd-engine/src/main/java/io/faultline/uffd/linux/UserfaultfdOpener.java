package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.OpenPath;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;

/**
 * Opens userfaultfds. For {@link FaultScope#WIDEST} it tries in order:
 *
 * <ol>
 *   <li>the system call, for user and kernel faults (CAP_SYS_PTRACE or the sysctl);
 *   <li>{@code /dev/userfaultfd}, for user and kernel faults (the file's permissions);
 *   <li>the system call with USER_MODE_ONLY (no privilege needed).
 * </ol>
 */
final class UserfaultfdOpener {
  static final String DEVICE = "/dev/userfaultfd";

  private static final long USERFAULTFD_IOC_NEW = 0xAA00L;
  private static final int UFFD_USER_MODE_ONLY = 1;

  private static final String PRIVILEGE_HINT =
      "this process is not permitted to catch faults in kernel mode. One of these permits it:"
          + " run as root or with CAP_SYS_PTRACE;"
          + " sysctl -w vm.unprivileged_userfaultfd=1;"
          + " chmod 666 "
          + DEVICE;

  private final Machine machine;

  UserfaultfdOpener(Machine machine) {
    this.machine = machine;
  }

  LinuxUserfaultfd open(OpenOptions options) {
    int flags = Libc.O_CLOEXEC | (options.nonBlocking() ? Libc.O_NONBLOCK : 0);
    FaultScope scope = options.scope();
    int fd = -Errno.EPERM;
    if (scope != FaultScope.USER_ONLY) {
      fd = openFor(options.path(), flags);
      if (fd < 0 && (scope == FaultScope.USER_AND_KERNEL || !isRefusal(-fd))) {
        throw refused(options, -fd);
      }
      scope = FaultScope.USER_AND_KERNEL;
    }
    if (fd < 0) {
      fd = openFor(options.path(), flags | UFFD_USER_MODE_ONLY);
      scope = FaultScope.USER_ONLY;
    }
    if (fd < 0) {
      throw refused(options, -fd);
    }
    return initialize(fd, scope, options.features());
  }

  /** Opens a userfaultfd without the UFFDIO_API handshake; returns it or a negated errno. */
  int openRaw(OpenPath path) {
    return openFor(path, Libc.O_CLOEXEC | Libc.O_NONBLOCK | UFFD_USER_MODE_ONLY);
  }

  /** The features of the kernel; empty if no userfaultfd can be opened. */
  Set<Feature> supportedFeatures() {
    int fd = openRaw(OpenPath.ANY);
    if (fd < 0) {
      return EnumSet.noneOf(Feature.class);
    }
    try {
      MemorySegment argument = UffdioApi.argument(UffdioApi.VERSION, 0);
      int result = Libc.ioctl(fd, UffdioApi.IOCTL, argument.address());
      return Feature.ofMask(result < 0 ? 0 : argument.get(JAVA_LONG, UffdioApi.FEATURES));
    } finally {
      Libc.close(fd);
    }
  }

  private int openFor(OpenPath path, int flags) {
    int fd = -Errno.EACCES;
    if (path != OpenPath.DEVICE) {
      fd = (int) Libc.syscall(machine.userfaultfdSyscall(), flags);
    }
    if (fd < 0 && path != OpenPath.SYSCALL) {
      int viaDevice = openDevice(flags);
      fd = path == OpenPath.DEVICE || viaDevice >= 0 ? viaDevice : fd;
    }
    return fd;
  }

  private static int openDevice(int flags) {
    int device = Libc.open(DEVICE, Libc.O_RDWR | Libc.O_CLOEXEC, 0);
    if (device < 0) {
      return device;
    }
    try {
      return Libc.ioctl(device, USERFAULTFD_IOC_NEW, flags);
    } finally {
      Libc.close(device);
    }
  }

  /** Calls UFFDIO_API; closes {@code fd} if that fails. */
  LinuxUserfaultfd initialize(int fd, FaultScope scope, Set<Feature> features) {
    MemorySegment argument = UffdioApi.argument(UffdioApi.VERSION, Feature.mask(features));
    int result = Libc.ioctl(fd, UffdioApi.IOCTL, argument.address());
    if (result < 0) {
      Libc.close(fd);
      throw new SystemCallException(
          "UFFDIO_API(features=" + features + ")", -result, missing(features));
    }
    return new LinuxUserfaultfd(fd, scope, features);
  }

  private String missing(Set<Feature> wanted) {
    Set<Feature> missing = EnumSet.noneOf(Feature.class);
    missing.addAll(wanted);
    missing.removeAll(supportedFeatures());
    if (!missing.isEmpty()) {
      return "this kernel lacks " + missing;
    }
    return wanted.contains(Feature.EVENT_FORK) ? "EVENT_FORK needs CAP_SYS_PTRACE" : "";
  }

  private static boolean isRefusal(int errno) {
    return errno == Errno.EPERM || errno == Errno.EACCES || errno == Errno.ENOENT;
  }

  private static SystemCallException refused(OpenOptions options, int errno) {
    String call = "userfaultfd(scope=" + options.scope() + ", path=" + options.path() + ")";
    String hint =
        switch (errno) {
          case Errno.EPERM, Errno.EACCES ->
              options.scope() == FaultScope.USER_ONLY
                  ? "the system forbids userfaultfd (seccomp, as in containers?)"
                  : PRIVILEGE_HINT;
          case Errno.ENOSYS -> "this kernel is built without userfaultfd";
          case Errno.ENOENT -> "there is no " + DEVICE + " (Linux 6.1 or later has it)";
          default -> "";
        };
    return new SystemCallException(call, errno, hint);
  }
}
