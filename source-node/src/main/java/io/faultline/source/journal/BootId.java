package io.faultline.source.journal;

import io.faultline.source.journal.state.JournalRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Which run of the machine a journal is from. Memory in tmpfs and hugetlbfs ends with it, and so
 * does every process; but a later run may have a file of the same path, size and inode, and a
 * process of the same id.
 */
public final class BootId {
  private static final Path FILE = Path.of("/proc/sys/kernel/random/boot_id");

  private BootId() {}

  /** That of this run, for a record; empty if the system has none. */
  public static String current() throws IOException {
    try {
      return Files.readString(FILE).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Whether a record is from this run. One without an id counts as such. */
  static boolean isCurrent(JournalRecord record) throws IOException {
    return record.getBootId().isEmpty() || record.getBootId().equals(current());
  }

  /**
   * Refuses a record of an earlier run.
   *
   * @throws IOException says what to do; the message is for the user
   */
  static void require(Path journal, JournalRecord record) throws IOException {
    if (!isCurrent(record)) {
      throw new IOException(
          "this machine has restarted since the migration in "
              + journal
              + ", and the VM's memory here is gone: nothing can be resumed; end the destination if"
              + " it waits for pages, and remove the journal");
    }
  }
}
