package io.faultline.cli.process;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

  /** Returns the next line of its standard output; null at the end. */
  @Nullable String readLine() throws IOException {
    return reader().readLine();
  }

  /** Starts a thread that passes on the remaining lines of its standard output. */
  void forwardOutput(Consumer<String> lines) {
    forwarder = Thread.ofPlatform().daemon().name("output-of-child").start(() -> forward(lines));
  }

  private void forward(Consumer<String> lines) {
    try {
      for (String line = readLine(); line != null; line = readLine()) {
        lines.accept(line);
      }
    } catch (IOException e) {
      lines.accept("(no more output: " + e.getMessage() + ")"); // it was killed
    }
  }

  /** Waits for its end and returns the exit code; a destination without a source never ends. */
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
