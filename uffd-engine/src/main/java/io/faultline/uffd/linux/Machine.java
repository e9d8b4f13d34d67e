package io.faultline.uffd.linux;

import java.util.Locale;

/** What differs between the machines that are supported. */
enum Machine {
  /** {@code arch/x86/entry/syscalls/syscall_64.tbl}. */
  X86_64(323),
  /** {@code include/uapi/asm-generic/unistd.h}. */
  AARCH64(282);

  private final long userfaultfdSyscall;

  Machine(long userfaultfdSyscall) {
    this.userfaultfdSyscall = userfaultfdSyscall;
  }

  long userfaultfdSyscall() {
    return userfaultfdSyscall;
  }

  /**
   * This machine.
   *
   * @throws UnsupportedOperationException on any other machine or system
   */
  static Machine current() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  static Machine of(String system, String architecture) {
    if (!system.equals("Linux")) {
      throw new UnsupportedOperationException(
          "userfaultfd is a Linux call, this is " + system + ": use the simulated engine");
    }
    return switch (architecture.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64" -> AARCH64;
      default ->
          throw new UnsupportedOperationException(
              "the binding to Linux knows x86-64 and aarch64, this is " + architecture);
    };
  }
}
