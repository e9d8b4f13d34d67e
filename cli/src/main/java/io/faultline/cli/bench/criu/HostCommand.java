package io.faultline.cli.bench.criu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command that runs in a {@link Host}. Its output is in a file. Descriptor 3 is for {@code
 * --status-fd}: the command writes a zero byte there when it is ready.
 */
public final class HostCommand {
  /** The number to give to {@code --status-fd}. */
  public static final String STATUS_FD = "3";

  /** The shell's standard output becomes descriptor 3 of the command. */
  private static final String WRAPPER =
      "log=$1 usage=$2; shift 2; \"$@\" 3>&1 >\"$log\" 2>&1 </dev/null; code=$?;"
          + " times >\"$usage\"; exit $code";

  private static final Pattern TIME = Pattern.compile("(\\d+)m([0-9.]+)s (\\d+)m([0-9.]+)s");
  private static final int LOG_LINES = 12;

  private final String name;
  private final Process process;
  private final Path log;
  private final Path usage;
  private final CompletableFuture<Integer> status = new CompletableFuture<>();

  private final CompletableFuture<Long> end;

  private HostCommand(String name, Process process, Path log, Path usage) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.usage = usage;
    this.end = process.onExit().thenApply(ended -> System.nanoTime());
  }

  /**
   * Starts a command.
   *
   * @param directory where its output goes, as {@code NAME.out}
   */
  public static HostCommand start(Host host, String name, Path directory, List<String> command)
      throws IOException {
    Path log = directory.resolve(name + ".out");
    Path usage = directory.resolve(name + ".usage");
    List<String> wrapped = new ArrayList<>(List.of("sh", "-c", WRAPPER, "sh"));
    wrapped.addAll(List.of(log.toString(), usage.toString()));
    wrapped.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(host.command(wrapped));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD); // of nsenter, when the host is closed
    HostCommand started = new HostCommand(name, builder.start(), log, usage);
    Thread.ofPlatform().daemon().name("status-of-" + name).start(started::readStatus);
    return started;
  }

  private void readStatus() {
    try (InputStream in = process.getInputStream()) {
      status.complete(in.read());
    } catch (IOException e) {
      status.complete(-1); // it was killed
    }
  }

  /**
   * Waits until it is ready.
   *
   * @throws IOException if it ends before, or takes too long; the message has its output
   */
  public HostCommand awaitReady(Duration limit) throws IOException, InterruptedException {
    try {
      if (status.get(limit.toMillis(), TimeUnit.MILLISECONDS) != 0) {
        throw new IOException(name + " ended before it was ready: " + output());
      }
    } catch (TimeoutException e) {
      throw new IOException(name + " was not ready within " + limit + ": " + output(), e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return this;
  }

  /**
   * Waits for its end; returns the exit code.
   *
   * @throws IOException if it takes too long; the message has its output
   */
  public int await(Duration limit) throws IOException, InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException(name + " did not end within " + limit + ": " + output());
    }
    return process.exitValue();
  }

  /**
   * Waits for its end, which must be a success.
   *
   * @throws IOException if it fails or takes too long; the message has its output
   */
  public void awaitSuccess(Duration limit) throws IOException, InterruptedException {
    int exit = await(limit);
    if (exit != 0) {
      throw new IOException(name + " failed with " + exit + ": " + output());
    }
  }

  /** The value of {@link System#nanoTime} at its end, once it has ended. */
  public long endNanos() {
    return end.join();
  }

  public boolean isRunning() {
    return process.isAlive();
  }

  /** Sends SIGKILL to the command, not to the shell that started it. */
  public void kill() {
    handle().ifPresent(ProcessHandle::destroyForcibly);
  }

  /**
   * Sends a signal to the command, such as {@code TERM}.
   *
   * @throws IOException if it has ended
   */
  public void signal(String name) throws IOException, InterruptedException {
    long pid = handle().orElseThrow(() -> new IOException(this.name + " has ended")).pid();
    String _ = Commands.run(List.of("kill", "-" + name, Long.toString(pid)));
  }

  /** The process of the command, as this JVM sees it; empty before its start and after its end. */
  Optional<ProcessHandle> handle() {
    return process.children().findFirst().flatMap(shell -> shell.children().findFirst());
  }

  /** Processor time that it and its children took, once it has ended. */
  public double cpuSeconds() throws IOException {
    Matcher times = TIME.matcher(Files.readString(usage));
    double seconds = 0;
    while (times.find()) { // two lines: the shell's own, and its children's
      seconds += 60 * (number(times, 1) + number(times, 3)) + number(times, 2) + number(times, 4);
    }
    return seconds;
  }

  private static double number(Matcher times, int group) {
    return Double.parseDouble(times.group(group));
  }

  /** The last lines of its output and of its log file, on one line. */
  public String output() throws IOException {
    StringBuilder text = new StringBuilder();
    Path logFile = log.resolveSibling(name + ".log");
    for (Path file : List.of(log, logFile)) {
      if (Files.exists(file)) {
        List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        lines.stream()
            .skip(Math.max(0, lines.size() - LOG_LINES))
            .forEach(line -> text.append(line.strip()).append(" | "));
      }
    }
    return text.toString();
  }
}
