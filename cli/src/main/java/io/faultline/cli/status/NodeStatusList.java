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

/**
 * All nodes with a status file in a directory, with their journals and take-over files; and those
 * without a node.
 */
final class NodeStatusList {
  private NodeStatusList() {}

  /**
   * A node, or what one left that has ended.
   *
   * @param status null if there is only a journal, or only a take-over
   * @param journal of the migration; null if there is none
   * @param file what the user may remove when it is no longer needed
   * @param left the guest of a destination that was killed, or broke; null if there is none to take
   *     over
   */
  record Entry(
      @Nullable NodeStatus status,
      @Nullable JournalSummary journal,
      Path file,
      @Nullable LeftGuest left) {}

  /** Reads all entries of a directory. */
  static List<Entry> read(Path directory) throws IOException {
    List<JournalSummary> journals = new Journals(directory).list();
    Set<String> listed = new HashSet<>();
    List<Entry> entries = new ArrayList<>();
    for (Path file : files(directory)) {
      Optional<NodeStatus> status = status(file);
      if (status.isPresent()) {
        JournalSummary journal = status.get().source() ? find(journals, status.get()) : null;
        entries.add(new Entry(status.get(), journal, file, left(directory, status.get())));
        listed.add(journal == null ? "" : journal.id());
      }
    }
    for (JournalSummary journal : journals) {
      if (!listed.contains(journal.id())) {
        entries.add(new Entry(null, journal, journal.file(), null));
      }
    }
    for (TakeOverFiles files : TakeOverFiles.in(directory)) {
      if (files.exist() && entries.stream().noneMatch(each -> isDestination(each, files))) {
        entries.add(new Entry(null, null, files.record(), LeftGuest.of(files)));
      }
    }
    return entries;
  }

  private static boolean isDestination(Entry entry, TakeOverFiles files) {
    NodeStatus status = entry.status();
    return status != null && !status.source() && status.migration().equals(files.migration());
  }

  private static @Nullable LeftGuest left(Path directory, NodeStatus status) throws IOException {
    TakeOverFiles files = TakeOverFiles.of(directory, status.migration());
    boolean none = status.source() || status.migration().isEmpty() || !files.exist();
    return none ? null : LeftGuest.of(files);
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
