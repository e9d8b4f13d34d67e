package io.faultline.cli.node;

import io.faultline.cli.report.ResultFile;
import io.faultline.cli.report.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Both ends of one migration on this machine: {@code dest} and {@code source} in JVMs of their own,
 * with this one's flags, over the loopback interface. One run each; not thread-safe.
 */
public final class LocalMigration {
  /** A source may fail before the destination knows of it; else that stops its vCPUs meanwhile. */
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(40);

  private static final String LISTENING = "listening on ";

  private final Path scratch;
  private final String engineName;
  private final List<String> prefix;
  private final Duration limit;
  private BiConsumer<String, String> guestLines = (end, line) -> {};
  private @Nullable Consumer<String> remarks;
  private List<String> jvmOptions = List.of();
  private Route route = address -> address;
  private @Nullable Runnable onRun;
  private @Nullable Revival revival;
  private volatile @Nullable ChildNode currentSource;

  /** How a source that was killed is started again. */
  interface Revival {
    /** Its arguments, which replace those of the first. */
    List<String> arguments() throws IOException;
  }

  /** What the source is told of the destination's address. */
  public interface Route {
    /** The address to connect to, for that of the destination. */
    String to(String address) throws IOException;
  }

  /**
   * @param scratch a directory for the results and errors of both nodes
   * @param engineName kernel or simulated
   * @param prefix a command that starts both, such as {@code taskset}; or none
   * @param limit how long each end may take before it is given up
   */
  public LocalMigration(Path scratch, String engineName, List<String> prefix, Duration limit) {
    this.scratch = scratch;
    this.engineName = engineName;
    this.prefix = prefix;
    this.limit = limit;
  }

  /** Who gets the end (source, destination) and the text of lines on the guest's console. */
  LocalMigration guestLines(BiConsumer<String, String> consumer) {
    guestLines = consumer;
    return this;
  }

  /** More options for the JVMs of both nodes, behind those of this one. */
  public LocalMigration jvmOptions(List<String> more) {
    jvmOptions = List.copyOf(more);
    return this;
  }

  /** Who gets remarks on how it goes; the source's standard error is shown then, too. */
  LocalMigration remarks(Consumer<String> consumer) {
    remarks = consumer;
    return this;
  }

  /** Who hears when a source has sent RUN; nobody, unless this is called. */
  LocalMigration onRun(Runnable task) {
    onRun = task;
    return this;
  }

  /** What takes the place of a source that is killed; a failure, unless this is called. */
  LocalMigration revive(Revival how) {
    revival = how;
    return this;
  }

  /** The way from the source to the destination; directly, unless this is called. */
  public LocalMigration route(Route way) {
    route = way;
    return this;
  }

  /**
   * Migrates, and returns what both ends tell, merged.
   *
   * @param sourceArguments options of {@code source}: those of the VM and of the migration
   * @param destArguments options of {@code dest}
   * @throws IOException where a node could not even start, or does not end in time
   */
  public ObjectNode run(List<String> sourceArguments, List<String> destArguments)
      throws IOException, InterruptedException {
    Path destJson = scratch.resolve("dest.json");
    List<String> arguments = arguments("dest", destJson, destArguments);
    arguments.add("--listen=127.0.0.1:0");
    Files.deleteIfExists(destJson);
    try (ChildNode dest = ChildNode.start(prefix, jvmOptions, scratch, "dest", false, arguments)) {
      String address = awaitListening(dest);
      dest.forwardOutput(line -> guestLines.accept("destination", line));
      ObjectNode source = runSource(dest, address, sourceArguments);
      return Results.merge(source, ResultFile.read(destJson));
    }
  }

  private ObjectNode runSource(ChildNode dest, String address, List<String> more)
      throws IOException, InterruptedException {
    Path json = scratch.resolve("source.json");
    List<String> arguments = arguments("source", json, more);
    arguments.add("--to=" + route.to(address));
    if (onRun != null) {
      arguments.add("--announce-run");
    }
    Files.deleteIfExists(json);
    List<String> next = arguments;
    while (true) {
      try (ChildNode source = startSource(next)) {
        require(source.await(limit), "source");
        if (revival == null || !source.wasKilled()) {
          return ended(dest, source, ResultFile.read(json));
        }
      }
      next = arguments("source", json, revival.arguments());
    }
  }

  private ChildNode startSource(List<String> arguments) throws IOException {
    ChildNode source =
        ChildNode.start(prefix, jvmOptions, scratch, "source", remarks != null, arguments);
    source.forwardOutput(this::sourceSaid);
    currentSource = source;
    return source;
  }

  private ObjectNode ended(ChildNode dest, ChildNode source, ObjectNode result)
      throws IOException, InterruptedException {
    boolean good = source.await() == 0;
    if (!good && result.isEmpty()) {
      throw new IOException("the source failed: " + source.lastError());
    }
    if (good) {
      remark("verifying against a run without migration ...");
      require(dest.await(limit), "destination");
    } else if (!dest.await(AFTER_FAILURE)) {
      remark("the destination does not end, and is killed");
    }
    return result;
  }

  /** Kills the source that runs now, as it stands; any thread. */
  void killSource() {
    ChildNode source = currentSource;
    if (source != null) {
      source.kill();
    }
  }

  private void sourceSaid(String line) {
    if (onRun != null && line.equals(SourceMigration.RUN_ANNOUNCEMENT)) {
      onRun.run();
    } else {
      guestLines.accept("source", line);
    }
  }

  private List<String> arguments(String command, Path json, List<String> more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of(command, "--quiet", "--engine=" + engineName, "--json=" + json));
    arguments.add("--state=" + scratch);
    arguments.addAll(more);
    return arguments;
  }

  private void require(boolean ended, String end) throws IOException {
    if (!ended) {
      throw new IOException("the " + end + " did not end within " + limit.toSeconds() + " s");
    }
  }

  private void remark(String line) {
    if (remarks != null) {
      remarks.accept(line);
    }
  }

  private static String awaitListening(ChildNode dest) throws IOException, InterruptedException {
    String line = dest.readLine();
    if (line == null || !line.startsWith(LISTENING)) {
      dest.await();
      throw new IOException("the destination failed: " + dest.lastError());
    }
    return line.substring(LISTENING.length());
  }

  /** Deletes a scratch directory and the files in it. */
  public static void deleteScratch(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(directory);
  }
}
