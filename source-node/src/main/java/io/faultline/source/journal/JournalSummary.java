package io.faultline.source.journal;

import io.faultline.source.journal.state.JournalRecord;
import io.faultline.source.journal.state.RegionFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What a journal tells to who does not go on with it.
 *
 * @param id of the migration
 * @param stage how far it had come
 * @param processId of the process that wrote it last
 * @param underWay whether a process has it now
 * @param memoryFiles the files that hold the VM's memory
 * @param file the journal
 */
public record JournalSummary(
    String id,
    JournalStage stage,
    long processId,
    boolean underWay,
    List<Path> memoryFiles,
    Path file) {

  /**
   * Reads a journal; empty where its migration has ended just now.
   *
   * @throws IOException where it is not whole
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
        HexFormat.of().formatHex(record.getMigrationId().toByteArray()),
        JournalStage.of(record.getStanding()),
        record.getProcessId(),
        JournalLock.isTaken(file),
        record.getRegionsList().stream().map(RegionFile::getPath).map(Path::of).toList(),
        file);
  }
}
