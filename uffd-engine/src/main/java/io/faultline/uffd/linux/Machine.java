package io.faultline.uffd.linux;

import java.util.Locale;

/** The supported architectures, and what differs between them. */
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
   * The architecture of this machine.
   *
   * @throws UnsupportedOperationException on another operating system or architecture
   */
  static Machine current() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  static Machine of(String system, String architecture) {
    if (!system.equals("Linux")) {
      throw new UnsupportedOperationException(
          "userfaultfd needs Linux, this is " + system + ": use the simulated engine");
    }
    return switch (architecture.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64" -> AARCH64;
      default ->
          throw new UnsupportedOperationException(
              "userfaultfd is supported on x86-64 and aarch64, this is "
                  + architecture
                  + ": use the simulated engine");
    };
  }
}
