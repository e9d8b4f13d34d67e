package io.faultline.tests.process;

import io.faultline.source.journal.JournalSummary;
import io.faultline.source.journal.Journals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory for journals.
 *
 * @param disk that it is, where it can become full
 */
record JournalDirectory(Path directory, @Nullable SmallDisk disk) implements AutoCloseable {
  /** Some journals, and what takes the place of one. */
  private static final String SIZE = "64k";

  /**
   * @param fills whether it is a disk of its own, which a test may fill; see {@link
   *     SmallDisk#mount}
   */
  static JournalDirectory of(Path directory, boolean fills) throws IOException {
    return fills
        ? new JournalDirectory(directory, SmallDisk.mount(directory, SIZE))
        : new JournalDirectory(Files.createDirectory(directory), null);
  }

  String asOption() {
    return "--journal=" + directory;
  }

  List<JournalSummary> list() throws IOException {
    return new Journals(directory).list();
  }

  void fill() throws IOException {
    if (disk != null) {
      disk.fill();
    }
  }

  boolean isFull() {
    return disk != null && disk.isFull();
  }

  void makeRoom() throws IOException {
    if (disk != null) {
      disk.clear();
    }
  }

  @Override
  public void close() throws IOException {
    if (disk != null) {
      disk.close();
    }
  }
}
