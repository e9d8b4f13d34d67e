package io.faultline.cli.dest;

import io.faultline.source.journal.BootId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Where and when the id of a process is valid: in one run of the machine, and in one pid namespace
 * (pid_namespaces(7)). Elsewhere the id may be unknown although the process lives, or that of
 * another process. Immutable.
 *
 * @param bootId of the run; empty if unknown
 * @param pidNamespace with its inode, such as {@code pid:[4026531836]}; empty if unknown
 */
record MachineRun(String bootId, String pidNamespace) {
  private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");

  /** That of this process. */
  static MachineRun current() throws IOException {
    return new MachineRun(BootId.current(), namespace());
  }

  private static String namespace() throws IOException {
    try {
      return Files.readSymbolicLink(NAMESPACE).toString();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /**
   * Requires that this process can look for those of a record.
   *
   * @param recorded of the process that wrote it; what is unknown counts as the same
   * @param record the file
   * @throws IOException says what to do; the message is for the user
   */
  void requireSame(MachineRun recorded, Path record) throws IOException {
    if (differ(bootId, recorded.bootId)) {
      throw new IOException(
          "this machine has restarted since the migration in "
              + record
              + ": QEMU has ended, and the guest with it; remove the file, and the one beside it"
              + " that ends in .pages");
    }
    if (differ(pidNamespace, recorded.pidNamespace)) {
      throw new IOException(
          "the migration in "
              + record
              + " was that of a node in another pid namespace, "
              + recorded.pidNamespace
              + ", and this process is in "
              + pidNamespace
              + ": QEMU cannot be found from here; run this command where that node ran (in its"
              + " container, or with nsenter --pid)");
    }
  }

  private static boolean differ(String one, String other) {
    return !one.isEmpty() && !other.isEmpty() && !one.equals(other);
  }
}
