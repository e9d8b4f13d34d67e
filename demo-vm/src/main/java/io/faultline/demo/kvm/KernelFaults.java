package io.faultline.demo.kvm;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.Optional;

/**
 * KVM touches guest memory in the kernel, on behalf of the guest. A userfaultfd for user mode alone
 * does not catch that: KVM_RUN would fail with EFAULT. Needed at the destination only.
 */
public final class KernelFaults {
  /** What allows them, each by itself, as commands. */
  public static final String REMEDY =
      "sudo sysctl -w vm.unprivileged_userfaultfd=1 (or: sudo chmod 666 /dev/userfaultfd;"
          + " or run faultline with sudo, which gives it CAP_SYS_PTRACE)";

  private KernelFaults() {}

  /** Why they cannot be caught by this process, with the remedy; empty where they can. */
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
    return "the faults of a KVM VM are taken in the kernel, which userfaultfd may not catch here ("
        + (forbidden
            ? Errno.name(refusal.errno()) + "); run: " + REMEDY
            : refusal.getMessage() + ")");
  }
}
