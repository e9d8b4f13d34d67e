package io.faultline.tests.process;

import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.JournalSummary;
import io.faultline.source.journal.Journals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A directory for journals.
 *
 * @param disk the file system mounted on it; null if a test cannot fill the directory
 */
record JournalDirectory(Path directory, @Nullable SmallDisk disk) implements AutoCloseable {
  /** Enough for some journals, and for the replacement of one. */
  private static final String SIZE = "64k";

  /**
   * Creates it.
   *
   * @param fills whether it is a file system of its own, which a test can fill; see {@link
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

  /** Waits until a directory has exactly one journal, at a stage; returns it. */
  static JournalSummary awaitStage(Path directory, JournalStage stage) {
    return Awaitility.await()
        .atMost(Node.LIMIT)
        .until(
            () -> new Journals(directory).list(),
            list -> list.size() == 1 && list.getFirst().stage() == stage)
        .getFirst();
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
