package io.faultline.cli.process;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node in a child JVM, with this JVM's flags and class path. It is killed when this JVM ends. */
final class ChildNode implements AutoCloseable {
  private static final long END_SECONDS = 5;

  /** The exit code of a process that was killed with SIGKILL. */
  private static final int KILLED = 128 + 9;

  private final Process process;
  private final Path errors;
  private @Nullable Thread forwarder;
  private @Nullable CompletableFuture<@Nullable String> pending;

  private ChildNode(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /**
   * Starts {@code faultline ARGUMENTS...}.
   *
   * @param prefix a command that starts it, such as {@code taskset}; or empty
   * @param jvmOptions JVM options to follow those of this JVM
   * @param scratch the directory for the file with its standard error
   * @param showErrors whether it shares this JVM's standard error instead
   */
  static ChildNode start(
      List<String> prefix,
      List<String> jvmOptions,
      Path scratch,
      String name,
      boolean showErrors,
      List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    List<String> own = ManagementFactory.getRuntimeMXBean().getInputArguments();
    command.addAll(JvmOptions.combine(own, jvmOptions));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("io.faultline.cli.Main");
    command.addAll(arguments);
    File errors = scratch.resolve(name + ".err").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectError(showErrors ? Redirect.INHERIT : Redirect.to(errors));
    return new ChildNode(builder.start(), errors.toPath());
  }

  /**
   * Returns the next line of its standard output; null at the end. May be called again after a
   * timeout, and not at the same time as {@link #forwardOutput}.
   *
   * @throws TimeoutException if there is no line within the time
   */
  @Nullable String readLine(Duration limit)
      throws IOException, InterruptedException, TimeoutException {
    CompletableFuture<@Nullable String> next = pending == null ? startToRead() : pending;
    pending = next;
    try {
      String line = next.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      pending = null;
      return line;
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    }
  }

  private CompletableFuture<@Nullable String> startToRead() {
    CompletableFuture<@Nullable String> next = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name("line-of-child").start(() -> read(next));
    return next;
  }

  private void read(CompletableFuture<@Nullable String> next) {
    try {
      next.complete(reader().readLine());
    } catch (IOException e) {
      next.completeExceptionally(e);
    }
  }

  /** Starts a thread that passes on the remaining lines of its standard output. */
  void forwardOutput(Consumer<String> lines) {
    forwarder = Thread.ofPlatform().daemon().name("output-of-child").start(() -> forward(lines));
  }

  private void forward(Consumer<String> lines) {
    try {
      for (String line = reader().readLine(); line != null; line = reader().readLine()) {
        lines.accept(line);
      }
    } catch (IOException e) {
      lines.accept("(no more output: " + e.getMessage() + ")"); // it was killed
    }
  }

  /** Sends an empty line to its standard input; does nothing if it has ended. */
  void sendLine() {
    try {
      BufferedWriter to = process.outputWriter();
      to.newLine();
      to.flush();
    } catch (IOException e) {
      // it has ended, which whoever waits for it notices
    }
  }

  /** Waits for its end, without limit, and returns the exit code: only for one that has ended. */
  int await() throws InterruptedException {
    return process.waitFor();
  }

  /** Waits for its end; returns false if it has not ended within the time. */
  boolean await(Duration limit) throws InterruptedException {
    return process.waitFor(limit);
  }

  /** Kills it with SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** Whether SIGKILL ended it. Call only after it has ended. */
  boolean wasKilled() {
    return process.exitValue() == KILLED;
  }

  /** The last line of its standard error, without the prefix {@code faultline:}. */
  String lastError() throws IOException {
    if (!Files.exists(errors)) {
      return "";
    }
    List<String> lines = Files.readAllLines(errors);
    return lines.isEmpty() ? "" : lines.getLast().replaceFirst("^faultline: ", "");
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
      Thread current = forwarder;
      if (current != null) {
        current.join(Duration.ofSeconds(END_SECONDS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private BufferedReader reader() {
    return process.inputReader();
  }
}
