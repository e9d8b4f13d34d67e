package io.faultline.qemu.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a userfaultfd that catches faults of the kernel can be made in a QEMU's process, and how
 * (userfaultfd(2)): with QEMU's own privileges, or through {@code /dev/userfaultfd}, opened by this
 * process. Immutable.
 *
 * @param isPossible whether there is a way
 * @param detail the way, or the remedy
 */
record UserfaultfdAccess(boolean isPossible, String detail) {
  private static final Path DEVICE = Path.of("/dev/userfaultfd");
  private static final Path SYSCTL = Path.of("/proc/sys/vm/unprivileged_userfaultfd");
  private static final String EFFECTIVE = "CapEff:";

  /** CAP_SYS_PTRACE of {@code include/uapi/linux/capability.h}. */
  private static final int CAP_SYS_PTRACE = 19;

  /** Looks for a process. */
  static UserfaultfdAccess of(int pid) {
    return of(
        Files.isReadable(DEVICE) && Files.isWritable(DEVICE),
        read(SYSCTL),
        read(Path.of("/proc/" + pid + "/status")));
  }

  /**
   * Decides.
   *
   * @param opensDevice whether this process may open {@code /dev/userfaultfd}
   * @param sysctl the text of {@code vm.unprivileged_userfaultfd}; empty if there is none
   * @param status the text of {@code /proc/PID/status}
   */
  static UserfaultfdAccess of(boolean opensDevice, String sysctl, String status) {
    if (hasPrivilege(status)) {
      return new UserfaultfdAccess(true, "QEMU may have one, with CAP_SYS_PTRACE");
    }
    if (sysctl.strip().equals("1")) {
      return new UserfaultfdAccess(true, "every process may have one");
    }
    if (opensDevice) {
      return new UserfaultfdAccess(true, "QEMU gets one through " + DEVICE);
    }
    return new UserfaultfdAccess(
        false,
        "QEMU may not have one for faults of the kernel: run Faultline as a user that may open "
            + DEVICE
            + " (setfacl -m u:USER:rw "
            + DEVICE
            + "), or sysctl -w vm.unprivileged_userfaultfd=1");
  }

  private static boolean hasPrivilege(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith(EFFECTIVE))
        .map(line -> Long.parseUnsignedLong(line.substring(EFFECTIVE.length()).strip(), 16))
        .anyMatch(set -> (set >> CAP_SYS_PTRACE & 1) != 0);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
