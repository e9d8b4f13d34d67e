package io.faultline.cli.process;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The source of a local migration: a child JVM and, if that is killed, those that resume from it
 * one after the other. Confined to the caller's thread, except {@link #kill}.
 */
final class LocalSource implements AutoCloseable {
  private final Launch launch;
  private final LocalMigration.@Nullable Restart restart;
  private final BiConsumer<ChildNode, String> lines;
  private volatile @Nullable ChildNode current;

  /** Starts a source. */
  interface Launch {
    /** Starts one with these options of {@code source}, besides those of all. */
    ChildNode start(List<String> options) throws IOException;
  }

  /**
   * @param restart options of one that resumes; null if none can
   * @param lines receives what they print, with the one that printed it
   */
  LocalSource(
      Launch launch,
      LocalMigration.@Nullable Restart restart,
      BiConsumer<ChildNode, String> lines) {
    this.launch = launch;
    this.restart = restart;
    this.lines = lines;
  }

  /**
   * Runs until one has ended without being killed, or was killed and nothing can resume.
   *
   * @param options of the first one
   * @param limit how long each of them may take
   * @return the last one, to be read before this is closed; null if it has not ended in time
   */
  @Nullable ChildNode run(List<String> options, Duration limit)
      throws IOException, InterruptedException {
    ChildNode source = start(options);
    while (source.await(limit)) {
      if (restart == null || !source.wasKilled()) {
        return source;
      }
      source.close();
      source = start(restart.arguments());
    }
    return null;
  }

  private ChildNode start(List<String> options) throws IOException {
    ChildNode source = launch.start(options);
    current = source;
    source.forwardOutput(line -> lines.accept(source, line));
    return source;
  }

  /** Kills the current one with SIGKILL. Any thread. */
  void kill() {
    ChildNode source = current;
    if (source != null) {
      source.kill();
    }
  }

  @Override
  public void close() {
    ChildNode last = current;
    if (last != null) {
      last.close();
    }
  }
}
