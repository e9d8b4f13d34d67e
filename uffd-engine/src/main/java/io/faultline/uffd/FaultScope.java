package io.faultline.uffd;

/** Which accesses a userfaultfd catches. */
public enum FaultScope {
  /**
   * Accesses in user mode and in the kernel (system calls, KVM). Needs CAP_SYS_PTRACE, {@code
   * vm.unprivileged_userfaultfd=1}, or access to {@code /dev/userfaultfd}.
   */
  USER_AND_KERNEL,
  /**
   * Accesses in user mode only ({@code UFFD_USER_MODE_ONLY}); a kernel access to a missing page
   * fails with EFAULT. Needs no privilege.
   */
  USER_ONLY,
  /** {@link #USER_AND_KERNEL} if it is permitted, else {@link #USER_ONLY}. */
  WIDEST
}
