package io.faultline.cli.source;

import io.faultline.cli.status.ResumeCommand;
import io.faultline.source.MigrationIdentity;
import io.faultline.source.journal.Journal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The journal of a migration, if it has one. Closing closes the journal.
 *
 * @param journal null for a migration that ends with its process
 */
record MigrationJournal(@Nullable Journal journal) implements AutoCloseable {
  MigrationIdentity identity() {
    return journal == null ? MigrationIdentity.ofThisProcess() : journal.migrationIdentity();
  }

  /** The command that resumes the migration if this process dies. */
  Optional<String> resumeCommand() {
    return Optional.ofNullable(journal).map(each -> ResumeCommand.of(each.id(), each.file()));
  }

  /**
   * What the user should know about the files of a migration that has ended.
   *
   * @param completed whether the destination has all pages
   */
  Optional<String> remainingFiles(boolean completed) {
    return Optional.ofNullable(journal).map(each -> remainingFiles(each, completed));
  }

  private static String remainingFiles(Journal journal, boolean completed) {
    String files =
        journal.memoryFiles().stream().map(Path::toString).collect(Collectors.joining(" "));
    if (completed && !journal.survivor().isEmpty()) {
      return "the QEMU here is no longer needed: end it (quit), and remove " + files;
    }
    return completed
        ? "the VM's memory is still in " + files + ", and no longer needed: remove it"
        : "the VM's memory is in "
            + files
            + "; continue with: "
            + ResumeCommand.of(journal.id(), journal.file());
  }

  @Override
  public void close() throws IOException {
    if (journal != null) {
      journal.close();
    }
  }
}
