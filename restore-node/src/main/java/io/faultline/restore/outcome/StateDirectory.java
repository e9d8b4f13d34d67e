package io.faultline.restore.outcome;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import io.faultline.uffd.linux.process.DescriptorHolder;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What must be known after this process was killed, in files of the work directory. Lines are
 * appended with one write each: once written, they outlive this process, though not the machine, as
 * the restored processes do not either.
 *
 * <pre>
 *   processes   pid, start time, pid namespace, program
 *   holders     pid, start time: processes that keep descriptors open
 * </pre>
 *
 * Columns are separated by tabs. Not thread-safe.
 */
final class StateDirectory {
  private static final String NAME = "lazy-pages.state";
  private static final String PROCESSES = "processes";
  private static final String HOLDERS = "holders";

  private final Path path;

  private StateDirectory(Path path) {
    this.path = path;
  }

  /**
   * Creates the directory.
   *
   * @throws IOException if it cannot be written, or processes of an earlier daemon depend on it;
   *     the message is for the user
   */
  static StateDirectory create(Path workDirectory) throws IOException {
    StateDirectory state = of(workDirectory);
    if (Files.exists(state.path)) {
      if (state.holds()) {
        throw new IOException(
            state.path
                + ": processes that an earlier lazy-pages restored still wait for their pages");
      }
      state.delete();
    }
    Files.createDirectory(state.path);
    return state;
  }

  /** The directory of a work directory, whether or not it exists. */
  static StateDirectory of(Path workDirectory) {
    return new StateDirectory(workDirectory.toAbsolutePath().resolve(NAME));
  }

  Path path() {
    return path;
  }

  void addProcess(RestoredProcess process) throws IOException {
    append(
        PROCESSES,
        process.entry().pid(),
        process.entry().startTicks(),
        process.namespace(),
        process.program());
  }

  void addHolder(DescriptorHolder holder) throws IOException {
    append(HOLDERS, holder.pid(), holder.startTicks());
  }

  /** Whether a process of an earlier daemon keeps descriptors open. */
  private boolean holds() throws IOException {
    Path file = path.resolve(HOLDERS);
    List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
    for (String line : lines) {
      String[] columns = line.split("\t", -1);
      try (PidFd found = PidFd.open(Integer.parseInt(columns[0]), Long.parseLong(columns[1]))) {
        if (found != null && !found.hasExited()) {
          return true;
        }
      }
    }
    return false;
  }

  private void append(String file, Object... columns) throws IOException {
    String line = String.join("\t", Stream.of(columns).map(String::valueOf).toList()) + "\n";
    Files.writeString(path.resolve(file), line, CREATE, APPEND);
  }

  /** Deletes it: nothing depends on it any more. */
  void delete() {
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
