package io.faultline.source.journal;

import io.faultline.source.journal.state.JournalRecord;
import io.faultline.source.journal.state.RegionFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A summary of a journal, read without opening it.
 *
 * @param id the id of the migration
 * @param stage how far the migration got
 * @param processId the process that wrote the journal last
 * @param underWay whether a process is working on the migration
 * @param survives whether the VM does not end with the source process, and may be there still: the
 *     machine has not restarted since
 * @param memoryFiles the files that hold the VM's memory
 * @param file the journal
 */
public record JournalSummary(
    String id,
    JournalStage stage,
    long processId,
    boolean underWay,
    boolean survives,
    List<Path> memoryFiles,
    Path file) {

  /**
   * Reads a journal.
   *
   * @return empty if the migration has just ended
   * @throws IOException if the journal is damaged
   */
  static Optional<JournalSummary> read(Path file) throws IOException {
    try {
      return Optional.of(of(file, JournalFile.read(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static JournalSummary of(Path file, JournalRecord record) throws IOException {
    return new JournalSummary(
        Journal.digits(record.getMigrationId()),
        JournalStage.of(record.getStanding()),
        record.getProcessId(),
        JournalLock.isTaken(file),
        !record.getSurvivor().isEmpty() && BootId.isCurrent(record),
        record.getRegionsList().stream().map(RegionFile::getPath).map(Path::of).toList(),
        file);
  }
}
