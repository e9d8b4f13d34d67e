package io.faultline.cli.status;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A node's status on disk, for {@code faultline status}; the format is that of {@link NodeStatus}.
 * The file is created atomically. Each update overwrites its last line in one write: the guest
 * waits for some of them, and replacing a file can take milliseconds, in which the file system
 * frees the old blocks. If an update fails, the file is removed rather than left stale, and the
 * node continues without one. Each step also sets how early the OOM killer ends the process ({@link
 * OomScore}). Closing removes the file; a killed process leaves it. Thread-safe.
 */
public final class StatusFile implements AutoCloseable {
  static final String SUFFIX = ".status";

  /** A method is compiled after 200 calls, and most are called several times in each. */
  private static final int REHEARSALS = 100;

  private final Path file;
  private final boolean source;
  private final Supplier<String> migration;
  private final String peer;
  private final Clock clock;
  private final Consumer<String> messages;
  private final OomScore oomScore = new OomScore();
  private @Nullable RandomAccessFile open;

  /** The migration id in the open file. */
  private String currentMigration = "";

  /** Offset of the progress line in the open file. */
  private long progressOffset;

  private boolean broken;

  private StatusFile(
      Path file,
      boolean source,
      Supplier<String> migration,
      String peer,
      Clock clock,
      Consumer<String> messages) {
    this.file = file;
    this.source = source;
    this.migration = migration;
    this.peer = peer;
    this.clock = clock;
    this.messages = messages;
  }

  /**
   * The status file of a source. Removes those of dead sources of the same migration.
   *
   * @param migration the id, 32 digits
   * @param peer human-readable address of the destination
   * @param messages receives a line if the file cannot be written
   */
  public static StatusFile ofSource(
      Path directory, String migration, String peer, Clock clock, Consumer<String> messages) {
    try {
      NodeStatusList.removeDead(directory, migration, true);
    } catch (IOException | IllegalArgumentException e) {
      messages.accept("faultline status may show an earlier source, too: " + e.getMessage());
    }
    return new StatusFile(file(directory), true, () -> migration, peer, clock, messages);
  }

  /**
   * The status file of a destination.
   *
   * @param migration returns the id, or an empty string before there is one
   * @param messages receives a line if the file cannot be written
   */
  public static StatusFile ofDestination(
      Path directory, Supplier<String> migration, Clock clock, Consumer<String> messages) {
    return new StatusFile(file(directory), false, migration, "", clock, messages);
  }

  /**
   * Removes the status files of destinations of a migration that were killed, once another process
   * has taken over: until then they say how.
   *
   * @param migration the id, 32 digits
   * @param messages receives a line if one cannot be removed
   */
  public static void removeKilledDestinations(
      Path directory, String migration, Consumer<String> messages) {
    try {
      NodeStatusList.removeDead(directory, migration, false);
    } catch (IOException | IllegalArgumentException e) {
      messages.accept("faultline status may show an earlier destination, too: " + e.getMessage());
    }
  }

  private static Path file(Path directory) {
    return directory.resolve(ProcessHandle.current().pid() + SUFFIX);
  }

  /** Records a step; call before the node takes it. */
  public synchronized void update(OwnershipStep step) {
    oomScore.protect(step.isNeededByVm());
    if (broken) {
      return;
    }
    try {
      String now = migration.get();
      RandomAccessFile current = open;
      if (current == null || !now.equals(currentMigration)) {
        replace(now, step);
      } else {
        current.seek(progressOffset);
        current.write(NodeStatus.progressLine(step, clock.millis()));
      }
    } catch (IOException e) {
      broken = true;
      messages.accept("faultline status will not show this node: " + e.getMessage());
      remove();
    }
  }

  /**
   * Records the current step again, until the JVM has compiled what that takes: the guest waits for
   * some of the later ones. Takes a few milliseconds.
   */
  public synchronized void rehearse(OwnershipStep current) {
    for (int round = 0; round < REHEARSALS; round++) {
      oomScore.protect(true);
      update(current);
    }
  }

  private void replace(String now, OwnershipStep step) throws IOException {
    NodeStatus status = NodeStatus.ofThisProcess(source, now, step, clock.instant(), peer);
    byte[] identity = status.identityLine().getBytes(StandardCharsets.UTF_8);
    closeFile();
    RandomAccessFile created = new RandomAccessFile(newFile().toFile(), "rw");
    open = created;
    created.setLength(0);
    created.write(identity);
    created.write(NodeStatus.progressLine(step, status.since().toEpochMilli()));
    Files.move(
        newFile(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    currentMigration = now;
    progressOffset = identity.length;
  }

  private Path newFile() {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  private void closeFile() throws IOException {
    RandomAccessFile current = open;
    open = null;
    if (current != null) {
      current.close();
    }
  }

  @Override
  public synchronized void close() {
    oomScore.protect(false);
    remove();
  }

  private void remove() {
    try {
      closeFile();
      Files.deleteIfExists(newFile());
      Files.deleteIfExists(file);
    } catch (IOException e) {
      messages.accept(file + " cannot be removed: " + e.getMessage());
    }
  }
}
