package io.faultline.source.journal;

import com.google.protobuf.ByteString;
import io.faultline.source.MigrationIdentity;
import io.faultline.source.OutgoingVm;
import io.faultline.source.ReconnectSettings;
import io.faultline.source.SourceSettings;
import io.faultline.source.journal.state.JournalRecord;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The journals in a directory. Each file is named after the id of its migration.
 *
 * @param directory must exist
 */
public record Journals(Path directory) {
  private static final String SUFFIX = ".journal";

  /**
   * How often a first record is written: two later ones are written while the VM is paused, and the
   * JVM has compiled the code by then. Takes some 20 ms.
   */
  private static final int REHEARSALS = 100;

  private static final int MIN_DIGITS = 4;

  /**
   * Creates the journal of a new migration.
   *
   * @throws IllegalArgumentException if the VM's memory does not survive this process
   * @throws IOException if the journal cannot be written
   */
  public Journal create(OutgoingVm vm, SourceSettings settings, ReconnectSettings reconnectSettings)
      throws IOException {
    ByteString id = MigrationIdentity.newMigrationId();
    Path file = directory.resolve(Journal.digits(id) + SUFFIX);
    JournalRecord record = Journal.newRecord(id, vm, settings, reconnectSettings);
    JournalLock lock = lock(file);
    try {
      for (int i = 0; i < REHEARSALS; i++) {
        JournalFile.write(file, record);
        rehearseCommit(file);
      }
      return new Journal(file, lock, record);
    } catch (IOException | RuntimeException e) {
      lock.delete();
      lock.close();
      throw e;
    }
  }

  /** A file system that maps no files is no reason not to migrate. */
  private static void rehearseCommit(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      var _ = CommitMark.open(file, arena);
    } catch (IOException e) {
      // the journal does without, too
    }
  }

  /**
   * Opens the journal of a migration whose process has ended.
   *
   * @param id the first digits of the id, at least four
   * @throws IOException if no journal matches, or several do, or a process is working on it, or the
   *     machine has restarted since
   */
  public Journal open(String id) throws IOException {
    Path file = find(id);
    JournalLock lock = lock(file);
    try {
      JournalRecord record = JournalFile.read(file);
      BootId.require(file, record);
      return new Journal(file, lock, record);
    } catch (NoSuchFileException e) { // the migration has just ended
      lock.delete();
      lock.close();
      throw none(id);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static JournalLock lock(Path file) throws IOException {
    JournalLock lock = JournalLock.take(file);
    if (lock == null) {
      throw new IOException(
          "another process is working on the migration in " + file + "; wait for it, or end it");
    }
    return lock;
  }

  private Path find(String id) throws IOException {
    String digits = id.toLowerCase(Locale.ROOT);
    if (!digits.matches("[0-9a-f]{" + MIN_DIGITS + ",32}")) {
      throw new IOException(
          "'"
              + id
              + "' is not the id of a migration; give its 32 digits, or at least the first four");
    }
    List<Path> found =
        files().stream().filter(each -> each.getFileName().toString().startsWith(digits)).toList();
    if (found.isEmpty()) {
      throw none(id);
    }
    if (found.size() > 1) {
      throw new IOException(
          found.size()
              + " migrations in "
              + directory
              + " begin with "
              + id
              + "; give more digits");
    }
    return found.getFirst();
  }

  private IOException none(String id) {
    return new IOException("no journal of a migration " + id + " in " + directory);
  }

  /** The files of all journals, sorted. */
  public List<Path> files() throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> list = Files.list(directory)) {
      return list.filter(each -> each.toString().endsWith(SUFFIX)).sorted().toList();
    }
  }

  /** Summaries of all journals, except those whose migration ends meanwhile. */
  public List<JournalSummary> list() throws IOException {
    List<JournalSummary> all = new ArrayList<>();
    for (Path file : files()) {
      JournalSummary.read(file).ifPresent(all::add);
    }
    return all;
  }

  /**
   * Checks that no migration needs a memory file. If the file belongs to a migration that cannot be
   * resumed, because its VM ended with its process, removes that journal.
   *
   * @throws IOException if a migration needs the file; names the migration
   */
  public void requireFree(Path memory) throws IOException {
    for (JournalSummary each : list()) {
      if (!each.memoryFiles().contains(memory)) {
        continue;
      }
      if (each.underWay() || each.stage() != JournalStage.RUNS_HERE) {
        throw new IOException(
            memory
                + " holds the memory of a VM in migration "
                + each.id()
                + (each.underWay()
                    ? ", which is under way"
                    : ": resume it, or remove " + each.file())
                + "; or choose another file");
      }
      remove(each.file());
    }
  }

  /** Of a migration whose VM is gone, with its process or its machine. */
  private static void remove(Path file) throws IOException {
    try (JournalLock lock = lock(file)) {
      JournalFile.delete(file);
      lock.delete();
    }
  }
}
