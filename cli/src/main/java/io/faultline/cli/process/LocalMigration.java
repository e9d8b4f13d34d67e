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

  /**
   * How long a destination may take to end after its source failed: it may notice the failure late,
   * or have vCPUs to stop.
   */
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(40);

  private final Path scratch;
  private final String engineName;
  private final List<String> prefix;
  private final Duration limit;
  private BiConsumer<String, String> guestConsole = (side, line) -> {};
  private @Nullable Consumer<String> remarks;
  private List<String> jvmOptions = List.of();
  private Route route = address -> address;
  private @Nullable Runnable onRun;
  private @Nullable Runnable onArrival;
  private @Nullable Consumer<SourceCheckpoint> atCheckpoint;
  private String onceSent = "verifying against a run without migration ...";
  private boolean recorded;
  private @Nullable Restart restart;
  private @Nullable Restart takeOver;
  private volatile @Nullable ChildNode currentSource;
  private volatile @Nullable LocalDestination currentDestination;

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
    this.scratch = scratch;
    this.engineName = engineName;
    this.prefix = prefix;
    this.limit = limit;
  }

  /** Sets what receives the side (source, destination) and text of each guest console line. */
  public LocalMigration guestConsole(BiConsumer<String, String> consumer) {
    guestConsole = consumer;
    return this;
  }

  /** Sets JVM options of both nodes, to follow those of this JVM. */
  public LocalMigration jvmOptions(List<String> more) {
    jvmOptions = List.copyOf(more);
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
    recorded = wanted;
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
    Path destJson = scratch.resolve("dest.json");
    Files.deleteIfExists(destJson);
    List<String> options = new ArrayList<>(destArguments);
    options.add("--listen=127.0.0.1:0");
    try (LocalDestination dest =
        LocalDestination.start(
            more -> startDestination(destJson, more),
            takeOver,
            this::receiveFromDestination,
            this::remark,
            options)) {
      String address = dest.awaitListening();
      currentDestination = dest;
      ObjectNode source = runSource(dest, address, sourceArguments);
      ObjectNode result = Results.merge(source, ResultFile.read(destJson));
      if (dest.takeOvers() > 0) {
        result.put("take_overs", dest.takeOvers());
      }
      return result;
    }
  }

  private ChildNode startDestination(Path json, List<String> more) throws IOException {
    List<String> arguments = arguments("dest", json, more);
    if (onArrival != null) {
      arguments.add("--announce-arrival");
    }
    return ChildNode.start(prefix, jvmOptions, scratch, "dest", false, arguments);
  }

  /**
   * What both nodes recorded, after {@link #run}. Of nodes that were killed and replaced, what the
   * last one recorded.
   */
  public MigrationRecording recording() throws IOException {
    MigrationRecording source = RecordingFile.read(recordingOf("source"));
    return source.plus(RecordingFile.read(recordingOf("dest")));
  }

  private Path recordingOf(String command) {
    return scratch.resolve(command + ".recording");
  }

  private ObjectNode runSource(LocalDestination dest, String address, List<String> more)
      throws IOException, InterruptedException {
    Path json = scratch.resolve("source.json");
    List<String> arguments = arguments("source", json, more);
    arguments.add("--to=" + route.to(address));
    if (onRun != null) {
      arguments.add("--announce-run");
    }
    if (atCheckpoint != null) {
      arguments.add("--checkpoints");
    }
    Files.deleteIfExists(json);
    List<String> next = arguments;
    while (true) {
      try (ChildNode source = startSource(next)) {
        require(source.await(limit), "source");
        if (restart == null || !source.wasKilled()) {
          return awaitDestination(dest, source, ResultFile.read(json));
        }
      }
      next = arguments("source", json, restart.arguments());
    }
  }

  private ChildNode startSource(List<String> arguments) throws IOException {
    ChildNode source =
        ChildNode.start(prefix, jvmOptions, scratch, "source", remarks != null, arguments);
    currentSource = source;
    source.forwardOutput(line -> receiveFromSource(source, line));
    return source;
  }

  private ObjectNode awaitDestination(LocalDestination dest, ChildNode source, ObjectNode result)
      throws IOException, InterruptedException {
    boolean good = source.await() == 0;
    if (!good && result.isEmpty()) {
      throw new IOException("the source failed: " + source.lastError());
    }
    if (good) {
      remark(onceSent);
      require(dest.await(limit), "destination");
    } else if (!dest.await(AFTER_FAILURE)) {
      remark("the destination does not end: killing it");
    }
    return result;
  }

  /** Kills the current source with SIGKILL. Any thread may call this. */
  public void killSource() {
    ChildNode source = currentSource;
    if (source != null) {
      source.kill();
    }
  }

  /** Kills the current destination with SIGKILL, once it listens. Any thread may call this. */
  public void killDestination() {
    LocalDestination destination = currentDestination;
    if (destination != null) {
      destination.kill();
    }
  }

  private void receiveFromSource(ChildNode source, String line) {
    Optional<SourceCheckpoint> checkpoint = SourceCheckpoint.announcedBy(line);
    if (onRun != null && line.equals(RUN_ANNOUNCEMENT)) {
      onRun.run();
    } else if (atCheckpoint != null && checkpoint.isPresent()) {
      atCheckpoint.accept(checkpoint.get());
      source.sendLine();
    } else {
      guestConsole.accept("source", line);
    }
  }

  private void receiveFromDestination(String line) {
    if (onArrival != null && line.equals(ARRIVAL_ANNOUNCEMENT)) {
      onArrival.run();
    } else {
      guestConsole.accept("destination", line);
    }
  }

  private List<String> arguments(String command, Path json, List<String> more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of(command, "--quiet", "--engine=" + engineName, "--json=" + json));
    arguments.add("--state=" + scratch);
    if (recorded) {
      arguments.add("--recording=" + recordingOf(command));
    }
    arguments.addAll(more);
    return arguments;
  }

  private void require(boolean ended, String side) throws IOException {
    if (!ended) {
      throw new IOException("the " + side + " did not end within " + limit.toSeconds() + " s");
    }
  }

  private void remark(String line) {
    if (remarks != null) {
      remarks.accept(line);
    }
  }
}
