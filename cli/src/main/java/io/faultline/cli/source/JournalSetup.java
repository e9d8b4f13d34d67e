package io.faultline.cli.source;

import io.faultline.cli.options.UsageException;
import io.faultline.cli.output.DirectoryCheck;
import io.faultline.cli.status.StateDirectory;
import io.faultline.memory.Backing;
import io.faultline.source.OutgoingVm;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.journal.Journals;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether and where a source keeps a journal: only if its VM's memory outlives the process.
 *
 * @param journals the directory; null for no journal
 */
record JournalSetup(@Nullable Journals journals) {
  /**
   * Decides by the backing of the VM's memory.
   *
   * @param chosen the directory that the user named; null for {@code byDefault}
   * @throws UsageException if the user named a directory for memory that ends with the process, or
   *     if the directory cannot hold a journal
   * @throws IOException if another migration needs the memory file
   */
  static JournalSetup of(Backing backing, @Nullable Path chosen, Path byDefault)
      throws IOException {
    Path memory = backing.path();
    if (memory == null) {
      if (chosen != null) {
        throw new UsageException(
            "--journal needs memory that outlives the source, which "
                + backing
                + " memory does not; use --backing file:PATH, or leave it out");
      }
      return new JournalSetup(null);
    }
    return of(memory, chosen, byDefault);
  }

  /**
   * As {@link #of(Backing, Path, Path)}, for memory that is in a file.
   *
   * @param memory the file
   */
  static JournalSetup of(Path memory, @Nullable Path chosen, Path byDefault) throws IOException {
    Path directory = directory(chosen, byDefault);
    DirectoryCheck.require(chosen == null ? "--state" : "--journal", directory);
    Journals journals = new Journals(directory);
    journals.requireFree(memory);
    return new JournalSetup(journals);
  }

  static Path directory(@Nullable Path chosen, Path byDefault) throws IOException {
    return chosen == null ? byDefault : StateDirectory.of(chosen);
  }

  /** Creates the journal of a new migration, if it gets one. */
  MigrationJournal begin(
      OutgoingVm vm, SourceSettings settings, ReconnectSettings reconnectSettings)
      throws IOException {
    return new MigrationJournal(
        journals == null ? null : journals.create(vm, settings, reconnectSettings));
  }
}
