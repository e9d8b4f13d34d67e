package io.faultline.cli.node;

import io.faultline.cli.options.UsageException;
import io.faultline.cli.status.StateDirectory;
import io.faultline.memory.Backing;
import io.faultline.source.MigrationIdentity;
import io.faultline.source.OutgoingVm;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.journal.Journal;
import io.faultline.source.journal.Journals;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether and where a source keeps a journal: where its VM's memory outlives it.
 *
 * @param journals null where it keeps none
 */
record JournalSetup(@Nullable Journals journals) {
  /**
   * By the VM's memory.
   *
   * @param wanted the directory that the user named; null for {@code usual}
   * @throws IOException where another migration needs the memory file
   */
  static JournalSetup of(Backing backing, @Nullable Path wanted, Path usual) throws IOException {
    Path memory = backing.path();
    if (memory == null) {
      if (wanted != null) {
        throw new UsageException(
            "--journal is for memory that outlives the source, which "
                + backing
                + " memory does not; use --backing file:PATH, or leave it out");
      }
      return new JournalSetup(null);
    }
    Journals journals = new Journals(directory(wanted, usual));
    journals.requireFree(memory);
    return new JournalSetup(journals);
  }

  /** Where journals are. */
  static Path directory(@Nullable Path wanted, Path usual) throws IOException {
    return wanted == null ? usual : StateDirectory.of(wanted);
  }

  /** Begins a migration. */
  Kept begin(OutgoingVm vm, SourceSettings settings, ReconnectSettings reconnectSettings)
      throws IOException {
    return journals == null
        ? new Kept(null)
        : new Kept(journals.create(vm, settings, reconnectSettings));
  }

  /**
   * A migration, and what is kept of it.
   *
   * @param journal null where nothing is
   */
  record Kept(@Nullable Journal journal) implements AutoCloseable {
    MigrationIdentity migrationIdentity() {
      return journal == null ? MigrationIdentity.ofThisProcess() : journal.migrationIdentity();
    }

    /** How to take it up again, for a person. */
    Optional<String> announcement() {
      return Optional.ofNullable(journal)
          .map(each -> "if this process is killed: " + command(each));
    }

    /** What is there still behind the migration, for a person. */
    Optional<String> leftover(boolean completed) {
      return Optional.ofNullable(journal).map(each -> leftover(each, completed));
    }

    /** The same of a journal that there is. */
    static String leftover(Journal journal, boolean completed) {
      String files = names(journal.memoryFiles());
      return completed
          ? "the VM's memory is left in " + files + ": remove it, nobody needs it any more"
          : "the VM's memory is in " + files + "; go on with: " + command(journal);
    }

    /** What takes the migration up again. */
    static String command(Journal journal) {
      return "faultline source --resume "
          + journal.id()
          + " --journal "
          + journal.file().getParent();
    }

    private static String names(List<Path> files) {
      return files.stream().map(Path::toString).collect(Collectors.joining(" "));
    }

    @Override
    public void close() throws IOException {
      if (journal != null) {
        journal.close();
      }
    }
  }
}
