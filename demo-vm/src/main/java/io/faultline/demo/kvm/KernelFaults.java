package io.faultline.demo.kvm;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.Optional;

/**
 * Whether userfaultfd can catch faults in the kernel. KVM accesses guest memory in the kernel on
 * behalf of the guest; a userfaultfd for user mode only does not catch that, and KVM_RUN fails with
 * EFAULT. Needed only at the destination.
 */
public final class KernelFaults {
  /** Commands, each of which allows kernel faults. */
  public static final String REMEDY =
      "sudo sysctl -w vm.unprivileged_userfaultfd=1 (or: sudo chmod 666 /dev/userfaultfd;"
          + " or run faultline with sudo, which gives it CAP_SYS_PTRACE)";

  private KernelFaults() {}

  /** Why this process cannot catch kernel faults, with the remedy; empty if it can. */
  public static Optional<String> problem(Kernel kernel) {
    OpenOptions options = OpenOptions.of().withScope(FaultScope.USER_AND_KERNEL);
    try (Userfaultfd opened = kernel.openUserfaultfd(options)) {
      assert opened.scope() == FaultScope.USER_AND_KERNEL;
      return Optional.empty();
    } catch (SystemCallException e) {
      return Optional.of(problem(e));
    }
  }

  static String problem(SystemCallException refusal) {
    boolean forbidden = refusal.errno() == Errno.EPERM || refusal.errno() == Errno.EACCES;
    return "faults of a KVM VM are taken in the kernel, where userfaultfd may not catch them here ("
        + (forbidden
            ? Errno.name(refusal.errno()) + "); run: " + REMEDY
            : refusal.getMessage() + ")");
  }
}
