package io.faultline.cli.process;

import io.faultline.cli.recording.MigrationRecording;
import io.faultline.cli.recording.RecordingFile;
import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One migration on this machine: {@code dest} and {@code source} in child JVMs with this JVM's
 * flags, over the loopback interface. Runs once. Not thread-safe, except {@link #killSource} and
 * {@link #killDestination}.
 */
public final class LocalMigration {
  /**
   * A line that {@code source --announce-run} prints when RUN is sent, and that no guest prints.
   */
  public static final String RUN_ANNOUNCEMENT = "\u0006 run sent";

  /** The same of {@code dest --announce-arrival}, when all of the memory has arrived. */
  public static final String ARRIVAL_ANNOUNCEMENT = "\u0006 all arrived";

  private static final String SOURCE = "source";
  private static final String DEST = "dest";

  /**
   * How long a destination may take to end after its source failed: it may notice the failure late,
   * or have vCPUs to stop.
   */
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(40);

  private final NodeLauncher launcher;
  private final Duration limit;
  private BiConsumer<String, String> guestConsole = (side, line) -> {};
  private @Nullable Consumer<String> remarks;
  private Route route = address -> address;
  private @Nullable Runnable onRun;
  private @Nullable Runnable onArrival;
  private @Nullable Consumer<SourceCheckpoint> atCheckpoint;
  private String onceSent = "verifying against a run without migration ...";
  private @Nullable Restart restart;
  private @Nullable Restart takeOver;
  private volatile @Nullable LocalSource source;
  private volatile @Nullable LocalDestination destination;

  /** How to replace a node that was killed. */
  public interface Restart {
    /** Arguments of the next one, instead of those of the first. */
    List<String> arguments() throws IOException;
  }

  /** Where the source connects to. */
  public interface Route {
    /** Returns the address to connect to, given that of the destination. */
    String to(String address) throws IOException;
  }

  /**
   * @param scratch a directory for the results and errors of both nodes
   * @param engineName kernel or simulated
   * @param prefix a command that starts both, such as {@code taskset}; or empty
   * @param limit how long each node may run
   */
  public LocalMigration(Path scratch, String engineName, List<String> prefix, Duration limit) {
    this.launcher = new NodeLauncher(scratch, engineName, prefix);
    this.limit = limit;
  }

  /** Sets what receives the side (source, destination) and text of each guest console line. */
  public LocalMigration guestConsole(BiConsumer<String, String> consumer) {
    guestConsole = consumer;
    return this;
  }

  /** Sets JVM options of both nodes, to follow those of this JVM. */
  public LocalMigration jvmOptions(List<String> more) {
    launcher.jvmOptions(more);
    return this;
  }

  /** Sets what receives remarks on the progress, and shows the source's standard error. */
  public LocalMigration remarks(Consumer<String> consumer) {
    remarks = consumer;
    return this;
  }

  /** Sets a task to run whenever a source has sent RUN. */
  public LocalMigration onRun(Runnable task) {
    onRun = task;
    return this;
  }

  /**
   * Sets a task to run when all of the memory has arrived. Only for a destination that does not
   * verify the VM itself.
   */
  public LocalMigration onArrival(Runnable task) {
    onArrival = task;
    return this;
  }

  /**
   * Sets what runs at each checkpoint of the first source, which waits meanwhile. It may call
   * {@link #killSource}.
   */
  public LocalMigration atCheckpoints(Consumer<SourceCheckpoint> task) {
    atCheckpoint = task;
    return this;
  }

  /** Sets what to remark when the source has sent everything. */
  public LocalMigration remarkOnceSent(String line) {
    onceSent = line;
    return this;
  }

  /** Records the migration, for {@link #recording}. */
  public LocalMigration recorded(boolean wanted) {
    launcher.recorded(wanted);
    return this;
  }

  /** Replaces a source that is killed; without this, the migration has failed then. */
  public LocalMigration restartKilledSource(Restart how) {
    restart = how;
    return this;
  }

  /** Replaces a destination that is killed; without this, the migration has failed then. */
  public LocalMigration replaceKilledDestination(Restart how) {
    takeOver = how;
    return this;
  }

  /** Sets where the source connects to; without this, directly to the destination. */
  public LocalMigration route(Route how) {
    route = how;
    return this;
  }

  /**
   * Migrates, and returns the merged results of both nodes.
   *
   * @param sourceArguments options of {@code source}: those of the VM and of the migration
   * @param destArguments options of {@code dest}
   * @throws IOException if a node cannot start, or does not end in time
   */
  public ObjectNode run(List<String> sourceArguments, List<String> destArguments)
      throws IOException, InterruptedException {
    Files.deleteIfExists(launcher.result(DEST));
    List<String> options = new ArrayList<>(destArguments);
    options.add("--listen=127.0.0.1:0");
    try (LocalDestination dest =
        LocalDestination.start(
            this::startDestination,
            takeOver,
            this::receiveFromDestination,
            this::remark,
            options)) {
      String address = dest.awaitListening();
      destination = dest;
      ObjectNode sent = runSource(dest, address, sourceArguments);
      ObjectNode result = Results.merge(sent, ResultFile.read(launcher.result(DEST)));
      if (dest.takeOvers() > 0) {
        result.put("take_overs", dest.takeOvers());
      }
      return result;
    }
  }

  private ChildNode startDestination(List<String> options) throws IOException {
    List<String> arguments = new ArrayList<>(options);
    if (onArrival != null) {
      arguments.add("--announce-arrival");
    }
    return launcher.start(DEST, false, arguments);
  }

  /**
   * What both nodes recorded, after {@link #run}. Of nodes that were killed and replaced, what the
   * last one recorded.
   */
  public MigrationRecording recording() throws IOException {
    MigrationRecording sent = RecordingFile.read(launcher.recording(SOURCE));
    return sent.plus(RecordingFile.read(launcher.recording(DEST)));
  }

  private ObjectNode runSource(LocalDestination dest, String address, List<String> more)
      throws IOException, InterruptedException {
    List<String> options = new ArrayList<>(more);
    options.add("--to=" + route.to(address));
    if (onRun != null) {
      options.add("--announce-run");
    }
    if (atCheckpoint != null) {
      options.add("--checkpoints");
    }
    Files.deleteIfExists(launcher.result(SOURCE));
    try (LocalSource nodes =
        new LocalSource(
            arguments -> launcher.start(SOURCE, remarks != null, arguments),
            restart,
            this::receiveFromSource)) {
      source = nodes;
      ChildNode last = nodes.run(options, limit);
      if (last == null) {
        throw tooLate(SOURCE);
      }
      return awaitDestination(dest, last, ResultFile.read(launcher.result(SOURCE)));
    }
  }

  private ObjectNode awaitDestination(LocalDestination dest, ChildNode sent, ObjectNode result)
      throws IOException, InterruptedException {
    boolean good = sent.await() == 0;
    if (!good && result.isEmpty()) {
      throw new IOException("the source failed: " + sent.lastError());
    }
    if (good) {
      remark(onceSent);
      if (!dest.await(limit)) {
        throw tooLate("destination");
      }
    } else if (!dest.await(AFTER_FAILURE)) {
      remark("the destination does not end: killing it");
    }
    return result;
  }

  /** Kills the current source with SIGKILL. Any thread may call this. */
  public void killSource() {
    LocalSource current = source;
    if (current != null) {
      current.kill();
    }
  }

  /** Kills the current destination with SIGKILL, once it listens. Any thread may call this. */
  public void killDestination() {
    LocalDestination current = destination;
    if (current != null) {
      current.kill();
    }
  }

  private void receiveFromSource(ChildNode node, String line) {
    Optional<SourceCheckpoint> checkpoint = SourceCheckpoint.announcedBy(line);
    if (onRun != null && line.equals(RUN_ANNOUNCEMENT)) {
      onRun.run();
    } else if (atCheckpoint != null && checkpoint.isPresent()) {
      atCheckpoint.accept(checkpoint.get());
      node.sendLine();
    } else {
      guestConsole.accept(SOURCE, line);
    }
  }

  private void receiveFromDestination(String line) {
    if (onArrival != null && line.equals(ARRIVAL_ANNOUNCEMENT)) {
      onArrival.run();
    } else {
      guestConsole.accept("destination", line);
    }
  }

  private IOException tooLate(String side) {
    return new IOException("the " + side + " did not end within " + limit.toSeconds() + " s");
  }

  private void remark(String line) {
    if (remarks != null) {
      remarks.accept(line);
    }
  }
}
