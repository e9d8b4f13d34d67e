package io.faultline.cli.status;

import io.faultline.source.journal.JournalSummary;
import io.faultline.source.journal.Journals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All nodes with a status file in a directory, with their journals; and journals without one. */
final class NodeStatusList {
  private NodeStatusList() {}

  /**
   * A node, or a journal without a node.
   *
   * @param status null if there is only a journal
   * @param journal of the migration; null if there is none
   * @param file what the user may remove when it is no longer needed
   * @param takeOver the command with which another process takes over from a destination that was
   *     killed; null if that is not possible
   */
  record Entry(
      @Nullable NodeStatus status,
      @Nullable JournalSummary journal,
      Path file,
      @Nullable String takeOver) {}

  /** Reads all entries of a directory. */
  static List<Entry> read(Path directory) throws IOException {
    List<JournalSummary> journals = new Journals(directory).list();
    Set<String> listed = new HashSet<>();
    List<Entry> entries = new ArrayList<>();
    for (Path file : files(directory)) {
      Optional<NodeStatus> status = status(file);
      if (status.isPresent()) {
        JournalSummary journal = status.get().source() ? find(journals, status.get()) : null;
        entries.add(new Entry(status.get(), journal, file, takeOver(directory, status.get())));
        listed.add(journal == null ? "" : journal.id());
      }
    }
    for (JournalSummary journal : journals) {
      if (!listed.contains(journal.id())) {
        entries.add(new Entry(null, journal, journal.file(), null));
      }
    }
    return entries;
  }

  private static @Nullable String takeOver(Path directory, NodeStatus status) {
    TakeOverFiles files = TakeOverFiles.of(directory, status.migration());
    return status.source() || status.migration().isEmpty() || !files.exist()
        ? null
        : files.command();
  }

  /**
   * Removes the status files and control sockets of dead nodes of a migration.
   *
   * @param sources whether those of sources or those of destinations
   */
  static void removeDead(Path directory, String migration, boolean sources) throws IOException {
    for (Path file : files(directory)) {
      Optional<NodeStatus> left = status(file).filter(each -> each.source() == sources);
      if (left.isPresent() && left.get().migration().equals(migration) && !left.get().isAlive()) {
        Files.deleteIfExists(file);
        Files.deleteIfExists(LiveNode.socket(directory, left.get().processId()));
      }
    }
  }

  private static @Nullable JournalSummary find(List<JournalSummary> journals, NodeStatus status) {
    for (JournalSummary each : journals) {
      if (each.id().equals(status.migration())) {
        return each;
      }
    }
    return null;
  }

  private static Optional<NodeStatus> status(Path file) throws IOException {
    try {
      return Optional.of(NodeStatus.parse(readStable(file), file));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // the node has just ended
    }
  }

  /** Reads until two reads agree: the node may be writing. */
  private static String readStable(Path file) throws IOException {
    String text = Files.readString(file);
    for (String before = ""; !text.equals(before); ) {
      before = text;
      text = Files.readString(file);
    }
    return text;
  }

  private static List<Path> files(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> list = Files.list(directory)) {
      return list.filter(each -> each.toString().endsWith(StatusFile.SUFFIX)).sorted().toList();
    }
  }
}
