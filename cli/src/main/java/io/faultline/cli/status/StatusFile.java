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
 * What one node says of itself, in a file that appears whole. From then on only its last line is
 * written over, in one write, whenever the node takes a step: the guest waits for some of them, and
 * to replace a file can take milliseconds (the file system gives the old one's blocks back). A node
 * that cannot say it works all the same: then nothing is there, and not something that was true
 * before. Closing removes it; it is left where the process is killed. Thread-safe.
 */
public final class StatusFile implements AutoCloseable {
  static final String SUFFIX = ".status";

  private final Path file;
  private final boolean source;
  private final Supplier<String> migration;
  private final String peer;
  private final Clock clock;
  private final Consumer<String> remarks;
  private @Nullable RandomAccessFile open;

  /** The migration that the open file names. */
  private String named = "";

  /** Where in it the line begins that is written over. */
  private long progressAt;

  private boolean broken;

  private StatusFile(
      Path file,
      boolean source,
      Supplier<String> migration,
      String peer,
      Clock clock,
      Consumer<String> remarks) {
    this.file = file;
    this.source = source;
    this.migration = migration;
    this.peer = peer;
    this.clock = clock;
    this.remarks = remarks;
  }

  /**
   * That of a source, which speaks for those of the same migration that were killed before it.
   *
   * @param migration the id, 32 digits
   * @param peer where it migrates to, for a person
   * @param remarks gets a line where the status cannot be told
   */
  public static StatusFile ofSource(
      Path directory, String migration, String peer, Clock clock, Consumer<String> remarks) {
    try {
      NodeStatusList.removeDeadSources(directory, migration);
    } catch (IOException | IllegalArgumentException e) {
      remarks.accept("faultline status may tell of an earlier source, too: " + e.getMessage());
    }
    return new StatusFile(name(directory), true, () -> migration, peer, clock, remarks);
  }

  /**
   * That of a destination.
   *
   * @param migration the id, once there is one
   * @param remarks as for a source
   */
  public static StatusFile ofDestination(
      Path directory, Supplier<String> migration, Clock clock, Consumer<String> remarks) {
    return new StatusFile(name(directory), false, migration, "", clock, remarks);
  }

  private static Path name(Path directory) {
    return directory.resolve(ProcessHandle.current().pid() + SUFFIX);
  }

  /** The node is about to go on so far. */
  public synchronized void tell(OwnershipStep step) {
    if (broken) {
      return;
    }
    try {
      String now = migration.get();
      RandomAccessFile current = open;
      if (current == null || !now.equals(named)) {
        replace(now, step);
      } else {
        current.seek(progressAt);
        current.write(NodeStatus.progressLine(step, clock.millis()));
      }
    } catch (IOException e) {
      broken = true;
      remarks.accept("faultline status will not tell of this node: " + e.getMessage());
      close();
    }
  }

  private void replace(String now, OwnershipStep step) throws IOException {
    NodeStatus status = NodeStatus.ofThisProcess(source, now, step, clock.instant(), peer);
    byte[] identity = status.identityLine().getBytes(StandardCharsets.UTF_8);
    Path fresh = fresh();
    letGo();
    RandomAccessFile made = new RandomAccessFile(fresh.toFile(), "rw");
    open = made;
    made.setLength(0);
    made.write(identity);
    made.write(NodeStatus.progressLine(step, status.since().toEpochMilli()));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    named = now;
    progressAt = identity.length;
  }

  private Path fresh() {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  private void letGo() throws IOException {
    RandomAccessFile current = open;
    open = null;
    if (current != null) {
      current.close();
    }
  }

  @Override
  public synchronized void close() {
    try {
      letGo();
      Files.deleteIfExists(fresh());
      Files.deleteIfExists(file);
    } catch (IOException e) {
      remarks.accept(file + " cannot be removed: " + e.getMessage());
    }
  }
}
