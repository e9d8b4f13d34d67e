package io.faultline.restore.outcome;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import io.faultline.uffd.linux.process.DescriptorHolder;
import io.faultline.uffd.linux.process.DetachedProcess;
import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What must be known after this process was killed, in files of the work directory. Lines are
 * appended with one write each: once written, they outlive this process, though not the machine, as
 * the restored processes do not either.
 *
 * <pre>
 *   processes   pid, start time, pid namespace, program
 *   holders     pid, start time: processes that keep descriptors open
 *   queues      pid, start time: those of them that keep descriptors without a holder of their own
 *   daemons     pid, start time: those that have used this directory
 *   guards      pid, start time: the last one acts when this process was killed
 *   spaces      pid in the images, pid and start time of the holder, journal; and for a forked
 *               child the journal of its parent and the position of the message there
 *   tasks       pid in the images, pid on this host, start time
 *   completed   journal: its space has all of its pages
 *   restored    exists once CRIU has restored all tasks
 *   space-N     an {@link EventJournal}
 * </pre>
 *
 * and the {@link SourceFiles}. Columns are separated by tabs. Not thread-safe.
 */
final class StateDirectory {
  private static final String NAME = "lazy-pages.state";
  private static final String PROCESSES = "processes";
  private static final String HOLDERS = "holders";
  private static final String DAEMONS = "daemons";
  private static final String GUARDS = "guards";
  private static final String QUEUES = "queues";
  private static final String SPACES = "spaces";
  private static final String TASKS = "tasks";
  private static final String COMPLETED = "completed";
  private static final String RESTORED = "restored";
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final String NO_JOURNAL = "-";

  /** A line of {@code spaces}. */
  record SpaceLine(
      int pid, int holder, long holderTicks, String journal, String parent, long position) {
    boolean isForked() {
      return !parent.equals(NO_JOURNAL);
    }
  }

  /** A line of {@code processes}. */
  record ProcessLine(int pid, long startTicks) {}

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
                + ": an earlier lazy-pages was killed, and its processes or their source still"
                + " wait: continue with --take-over, or kill them and delete this directory");
      }
      state.delete();
    }
    Files.createDirectory(state.path, OWNER_ONLY);
    Files.createFile(state.path.resolve(PROCESSES));
    Files.createFile(state.path.resolve(HOLDERS));
    return state;
  }

  /** The directory of a work directory, whether or not it exists. */
  static StateDirectory of(Path workDirectory) {
    return new StateDirectory(workDirectory.toAbsolutePath().resolve(NAME));
  }

  Path path() {
    return path;
  }

  boolean exists() {
    return Files.exists(path);
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

  void addSpace(int pid, DescriptorHolder holder, String journal) throws IOException {
    addForkedSpace(pid, holder, journal, NO_JOURNAL, 0);
  }

  void addForkedSpace(
      int pid, DescriptorHolder holder, String journal, String parent, long position)
      throws IOException {
    append(SPACES, pid, holder.pid(), holder.startTicks(), journal, parent, position);
  }

  void addCompleted(String journal) throws IOException {
    append(COMPLETED, journal);
  }

  /** Its holder keeps descriptors whose own holders are being started. */
  void addQueue(DescriptorHolder holder) throws IOException {
    append(QUEUES, holder.pid(), holder.startTicks());
  }

  /** Those of {@code queues} that run, without the last one: of earlier daemons. */
  List<PidFd> queuesButLast() throws IOException {
    List<PidFd> running = new ArrayList<>(running(QUEUES));
    running.removeLast().close();
    return running;
  }

  /** A daemon uses this directory from now on. */
  void addDaemon(ProcessEntry daemon) throws IOException {
    append(DAEMONS, daemon.pid(), daemon.startTicks());
  }

  /** Those of {@code daemons} that run. */
  List<PidFd> daemons() throws IOException {
    return running(DAEMONS);
  }

  /** A guard is in charge: the last one that is added. */
  void addGuard(DetachedProcess guard) throws IOException {
    append(GUARDS, guard.pid(), guard.startTicks());
  }

  /** A task of the restore is this process on this host. */
  void addTask(int pid, ProcessEntry process) throws IOException {
    append(TASKS, pid, process.pid(), process.startTicks());
  }

  /** The process that is a task of the restore; null if it has exited. */
  @Nullable PidFd task(int pid) throws IOException {
    for (String[] columns : lines(TASKS)) {
      if (Integer.parseInt(columns[0]) == pid) {
        return PidFd.open(Integer.parseInt(columns[1]), Long.parseLong(columns[2]));
      }
    }
    return null;
  }

  /** Those of {@code guards} that run. */
  List<PidFd> guards() throws IOException {
    return running(GUARDS);
  }

  void setRestored() throws IOException {
    append(RESTORED);
  }

  boolean isRestored() {
    return Files.exists(path.resolve(RESTORED));
  }

  List<SpaceLine> spaces() throws IOException {
    return lines(SPACES).stream()
        .map(
            columns ->
                new SpaceLine(
                    Integer.parseInt(columns[0]),
                    Integer.parseInt(columns[1]),
                    Long.parseLong(columns[2]),
                    columns[3],
                    columns[4],
                    Long.parseLong(columns[5])))
        .toList();
  }

  Set<String> completed() throws IOException {
    return lines(COMPLETED).stream().map(columns -> columns[0]).collect(Collectors.toSet());
  }

  List<ProcessLine> processes() throws IOException {
    return lines(PROCESSES).stream()
        .map(columns -> new ProcessLine(Integer.parseInt(columns[0]), Long.parseLong(columns[1])))
        .distinct()
        .toList();
  }

  /** Those of {@code holders} that run. */
  List<PidFd> holders() throws IOException {
    return running(HOLDERS);
  }

  private List<PidFd> running(String file) throws IOException {
    List<PidFd> running = new ArrayList<>();
    for (String[] columns : lines(file)) {
      PidFd holder = PidFd.open(Integer.parseInt(columns[0]), Long.parseLong(columns[1]));
      if (holder != null && !holder.hasExited()) {
        running.add(holder);
      } else if (holder != null) {
        holder.close();
      }
    }
    return running;
  }

  private boolean holds() throws IOException {
    List<PidFd> running = holders();
    running.forEach(PidFd::close);
    return !running.isEmpty() || new SourceFiles(path).isOwned();
  }

  private List<String[]> lines(String file) throws IOException {
    Path lines = path.resolve(file);
    return Files.exists(lines)
        ? Files.readAllLines(lines).stream().map(line -> line.split("\t", -1)).toList()
        : List.of();
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
