package io.faultline.cli.node;

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

/** A node in a JVM of its own, with this one's flags and class path. Ends with this one. */
final class ChildNode implements AutoCloseable {
  private static final long END_SECONDS = 5;

  /** What Java tells as the exit code of a process that SIGKILL ended. */
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
   * @param prefix a command that starts it, such as {@code taskset}; or none
   * @param jvmOptions behind those of this JVM
   * @param scratch the directory that gets the file of its standard error
   * @param showErrors whether to show that here instead
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
    command.addAll(JvmOptions.of(own, jvmOptions));
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

  /** The next line of its standard output; null at the end. */
  @Nullable String readLine() throws IOException {
    return reader().readLine();
  }

  /** Passes on the lines of its standard output that were not read, on a thread of its own. */
  void forwardOutput(Consumer<String> lines) {
    forwarder = Thread.ofPlatform().daemon().name("output-of-child").start(() -> forward(lines));
  }

  private void forward(Consumer<String> lines) {
    try {
      for (String line = readLine(); line != null; line = readLine()) {
        lines.accept(line);
      }
    } catch (IOException e) {
      lines.accept("(no more output: " + e.getMessage() + ")"); // it was killed meanwhile
    }
  }

  /** Waits for its end, which a destination that no source comes to does not have. */
  int await() throws InterruptedException {
    return process.waitFor();
  }

  /** Waits for its end; false where it has not ended within the time. */
  boolean await(Duration limit) throws InterruptedException {
    return process.waitFor(limit);
  }

  /** SIGKILL: it does nothing more. */
  void kill() {
    process.destroyForcibly();
  }

  /** Whether it ended by that; only behind its end. */
  boolean wasKilled() {
    return process.exitValue() == KILLED;
  }

  /** What it said last on standard error, without the command's name. */
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
