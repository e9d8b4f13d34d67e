package io.faultline.cli.process;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The destination of a local migration: a child JVM and, if that is killed, those that take over
 * from it one after the other. Thread-safe.
 */
final class LocalDestination implements AutoCloseable {
  /** How long it may take until it listens, which includes its rehearsal. */
  private static final Duration UNTIL_LISTENING = Duration.ofSeconds(60);

  private static final Duration UNTIL_REMARK = Duration.ofSeconds(10);

  /** How long it may take to end by itself when it does not listen. */
  private static final Duration UNTIL_END = Duration.ofSeconds(40);

  private static final String LISTENING = "listening on ";

  private final Launch launch;
  private final LocalMigration.@Nullable Restart takeOver;
  private final Consumer<String> lines;
  private final Consumer<String> remarks;
  private final Thread replacing = new Thread(this::replaceKilled, "replace-destination");
  private ChildNode current;
  private boolean closed;
  private int takeOvers;

  /** Starts a destination. */
  interface Launch {
    /** Starts one with these options of {@code dest}, besides those of all. */
    ChildNode start(List<String> options) throws IOException;
  }

  private LocalDestination(
      Launch launch,
      LocalMigration.@Nullable Restart takeOver,
      Consumer<String> lines,
      Consumer<String> remarks,
      List<String> options)
      throws IOException {
    this.launch = launch;
    this.takeOver = takeOver;
    this.lines = lines;
    this.remarks = remarks;
    replacing.setDaemon(true);
    current = launch.start(options);
  }

  /**
   * Starts the first one.
   *
   * @param takeOver options of one that takes over; null if none can
   * @param lines receives what they print once the first one listens
   * @param remarks receives lines for the user
   * @param options of the first one
   */
  static LocalDestination start(
      Launch launch,
      LocalMigration.@Nullable Restart takeOver,
      Consumer<String> lines,
      Consumer<String> remarks,
      List<String> options)
      throws IOException {
    return new LocalDestination(launch, takeOver, lines, remarks, options);
  }

  /**
   * Waits until the first one listens; from then on it may be killed. Called once.
   *
   * @return its address, which those that take over have, too
   * @throws IOException if it does not listen
   */
  String awaitListening() throws IOException, InterruptedException {
    ChildNode first = current();
    String line = firstLine(first);
    if (line == null || !line.startsWith(LISTENING)) {
      first.await(UNTIL_END);
      throw new IOException("the destination failed: " + first.lastError());
    }
    first.forwardOutput(lines);
    replacing.start();
    return line.substring(LISTENING.length());
  }

  private @Nullable String firstLine(ChildNode node) throws IOException, InterruptedException {
    try {
      return node.readLine(UNTIL_REMARK);
    } catch (TimeoutException e) {
      remarks.accept("waiting for the destination to listen ...");
    }
    try {
      return node.readLine(UNTIL_LISTENING.minus(UNTIL_REMARK));
    } catch (TimeoutException e) {
      throw new IOException(
          "the destination does not listen after " + UNTIL_LISTENING.toSeconds() + " s", e);
    }
  }

  private void replaceKilled() {
    try {
      while (takeOver != null && endsKilled(current())) {
        remarks.accept("another destination takes over");
        if (!replace(takeOver.arguments())) {
          return;
        }
      }
    } catch (IOException | RuntimeException e) {
      remarks.accept("no destination takes over: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private boolean endsKilled(ChildNode node) throws IOException, InterruptedException {
    int code = node.await();
    if (code != 0 && !node.wasKilled() && takeOvers() > 0) {
      remarks.accept("the destination that took over failed: " + node.lastError());
    }
    return node.wasKilled();
  }

  private synchronized boolean replace(List<String> options) throws IOException {
    if (closed) {
      return false;
    }
    current.close();
    current = launch.start(options);
    takeOvers++;
    current.forwardOutput(this::forwardOfReplacement);
    return true;
  }

  private void forwardOfReplacement(String line) {
    if (!line.startsWith(LISTENING)) {
      lines.accept(line);
    }
  }

  private synchronized ChildNode current() {
    return current;
  }

  /** Kills the current one with SIGKILL. */
  void kill() {
    current().kill();
  }

  /** How often another one has taken over. */
  synchronized int takeOvers() {
    return takeOvers;
  }

  /** Waits for the end of the last one; returns false if it has not ended within the time. */
  boolean await(Duration limit) throws InterruptedException {
    return replacing.join(limit) && current().await(limit);
  }

  @Override
  public void close() {
    ChildNode last;
    synchronized (this) {
      closed = true;
      last = current;
    }
    replacing.interrupt();
    last.close();
  }
}
