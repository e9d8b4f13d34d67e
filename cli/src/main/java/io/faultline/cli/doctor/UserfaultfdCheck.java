package io.faultline.cli.doctor;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.host.SystemFiles;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks in which ways this process can open a userfaultfd, and how to enable the others. To catch
 * faults in the kernel (system calls, KVM) it needs one of CAP_SYS_PTRACE, {@code
 * vm.unprivileged_userfaultfd=1}, and access to {@code /dev/userfaultfd}.
 */
final class UserfaultfdCheck {
  private static final String DEVICE = "/dev/userfaultfd";
  private static final String SYSCTL = "/proc/sys/vm/unprivileged_userfaultfd";

  /** {@code include/uapi/linux/capability.h}. */
  private static final int CAP_SYS_PTRACE = 19;

  private static final String ALLOW_ALL = "sudo sysctl -w vm.unprivileged_userfaultfd=1";
  private static final String SECCOMP = "docker run --security-opt seccomp=unconfined ...";

  private final SystemFiles files;
  private final Map<OpenPathCheck, Integer> errnos = new EnumMap<>(OpenPathCheck.class);

  UserfaultfdCheck(Kernel kernel, SystemFiles files) {
    this.files = files;
    for (OpenPathCheck path : OpenPathCheck.values()) {
      errnos.put(path, path.tryAt(kernel));
    }
  }

  UserfaultfdCheck(Map<OpenPathCheck, Integer> errnos, SystemFiles files) {
    this.files = files;
    this.errnos.putAll(errnos);
  }

  /** The widest scope of a userfaultfd that can be opened; empty if none can. */
  Optional<FaultScope> widestScope() {
    for (OpenPathCheck path : OpenPathCheck.values()) {
      if (isOpen(path)) {
        return Optional.of(path.scope());
      }
    }
    return Optional.empty();
  }

  Section run() {
    List<Finding> findings = new ArrayList<>();
    findings.add(systemCall());
    findings.add(device());
    findings.add(userModeOnly());
    findings.add(sysctl());
    findings.add(capability());
    findings.add(scope());
    return new Section("userfaultfd", findings);
  }

  private Finding systemCall() {
    String name = "system call";
    int errno = errno(OpenPathCheck.SYSCALL);
    if (errno == Errno.EPERM && errno(OpenPathCheck.USER_MODE_ONLY) == Errno.EPERM) {
      return Finding.missing(name, refused(errno) + ", regardless of privileges", "");
    }
    return switch (errno) {
      case 0 -> Finding.ok(name, "opens, for user and kernel faults");
      case Errno.ENOSYS -> Finding.missing(name, "the kernel was built without userfaultfd", "");
      default ->
          isOpen(OpenPathCheck.DEVICE)
              ? Finding.info(name, refused(errno) + " for kernel faults (the device serves them)")
              : Finding.warn(name, refused(errno) + " for kernel faults", ALLOW_ALL);
    };
  }

  private Finding device() {
    int errno = errno(OpenPathCheck.DEVICE);
    if (errno == 0) {
      return Finding.ok(DEVICE, "opens, for user and kernel faults");
    }
    if (errno == Errno.ENOENT || !files.exists(DEVICE)) {
      return Finding.info(DEVICE, "does not exist (Linux 6.1 and later have it)");
    }
    return isOpen(OpenPathCheck.SYSCALL)
        ? Finding.info(DEVICE, refused(errno) + " (not needed)")
        : Finding.warn(DEVICE, refused(errno), "sudo chmod 666 " + DEVICE);
  }

  private Finding userModeOnly() {
    String name = "user mode only";
    int errno = errno(OpenPathCheck.USER_MODE_ONLY);
    return switch (errno) {
      case 0 -> Finding.ok(name, "opens, needs no privilege");
      case Errno.EPERM, Errno.EACCES ->
          Finding.missing(name, refused(errno) + ", as by a container's seccomp filter", SECCOMP);
      case Errno.EINVAL -> Finding.warn(name, "unknown to this kernel (since Linux 5.11)", "");
      default -> Finding.missing(name, refused(errno), "");
    };
  }

  private Finding sysctl() {
    return Finding.info(
        "vm.unprivileged_userfaultfd", files.read(SYSCTL).orElse("does not exist (since 5.2)"));
  }

  private Finding capability() {
    Optional<String> effective = files.field("/proc/self/status", "CapEff");
    String detail =
        effective
            .map(mask -> hasPtrace(mask) ? "in effect" : "not in effect")
            .orElse("not known, /proc is not readable");
    return Finding.info("CAP_SYS_PTRACE", detail);
  }

  private Finding scope() {
    String name = "widest scope";
    return widestScope()
        .map(
            scope ->
                scope == FaultScope.USER_AND_KERNEL
                    ? Finding.ok(name, "faults in user mode and in the kernel")
                    : Finding.ok(name, "faults in user mode only"))
        .orElseGet(() -> Finding.missing(name, "none", ""));
  }

  static boolean hasPtrace(String hexMask) {
    return new BigInteger(hexMask, 16).testBit(CAP_SYS_PTRACE);
  }

  private static String refused(int errno) {
    return "refused (" + Errno.name(errno) + ")";
  }

  private boolean isOpen(OpenPathCheck path) {
    return errno(path) == 0;
  }

  private int errno(OpenPathCheck path) {
    return errnos.getOrDefault(path, Errno.ENOSYS);
  }
}
