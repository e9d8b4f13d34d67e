package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A started command and its output. Thread-safe. */
final class Node {
  /** For anything that takes about a second on an idle machine. */
  static final Duration LIMIT = Duration.ofMinutes(2);

  private static final Duration POLL = Duration.ofMillis(10);
  private static final String LISTENING = "listening on ";

  private final Process process;
  private final List<String> out = new CopyOnWriteArrayList<>();
  private final List<String> err = new CopyOnWriteArrayList<>();
  private final List<Thread> readers;

  Node(Process process) {
    this.process = process;
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    this.readers = List.of(read(process.inputReader(), out), read(process.errorReader(), err));
  }

  /** Waits until it ends; returns the exit code. */
  int await(Duration limit) throws InterruptedException {
    boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(ended).as("ends within %s; %s", limit, this).isTrue();
    for (Thread reader : readers) {
      reader.join(Duration.ofSeconds(60));
    }
    return process.exitValue();
  }

  /** Waits until it ends; it must succeed. */
  void awaitSuccess() throws InterruptedException {
    int exit = await(LIMIT);
    assertThat(exit).as("exit code; %s", this).isZero();
  }

  /** Waits until it ends; it must fail, without a stack trace. */
  void awaitFailure(int expectedExit, Duration limit) throws InterruptedException {
    int exit = await(limit);
    assertThat(exit).as("exit code; %s", this).isEqualTo(expectedExit);
    assertNoStackTrace();
  }

  void assertNoStackTrace() {
    assertThat(Stream.concat(out.stream(), err.stream()))
        .noneMatch(line -> line.startsWith("\tat") || line.contains("Exception"));
  }

  /** Waits until a destination listens; returns its port. */
  int awaitPort() {
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(POLL)
        .untilAsserted(
            () ->
                assertThat(!out.isEmpty() || !process.isAlive())
                    .as("process %s listens or has ended; %s", process.pid(), this)
                    .isTrue());
    assertThat(out).as("output; errors: %s", err).isNotEmpty();
    assertThat(out.getFirst()).startsWith(LISTENING);
    return Integer.parseInt(out.getFirst().substring(out.getFirst().lastIndexOf(':') + 1));
  }

  /** Sends an empty line to its standard input. */
  void sendLine() throws IOException {
    process.outputWriter().newLine();
    process.outputWriter().flush();
  }

  /** Waits for a line on standard output that contains a text. */
  void awaitOutput(String text) {
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(POLL)
        .untilAsserted(
            () -> {
              assertThat(out.stream().anyMatch(line -> line.contains(text)) || !process.isAlive())
                  .as("'%s' was printed or it has ended; %s", text, this)
                  .isTrue();
            });
    assertThat(out).as("output; errors: %s", err).anyMatch(line -> line.contains(text));
  }

  /** Waits for a line on standard error that contains a text. */
  void awaitError(String text) {
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(POLL)
        .untilAsserted(() -> assertThat(err).anyMatch(line -> line.contains(text)));
  }

  /** The lines on standard output. */
  List<String> out() {
    return out;
  }

  /** The lines on standard error. */
  List<String> err() {
    return err;
  }

  /** Its standard input. */
  OutputStream input() {
    return process.getOutputStream();
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** Sends SIGTERM, as Ctrl-C does. Process.destroy would also close the streams of its output. */
  void interrupt() {
    process.toHandle().destroy();
  }

  /** Sends SIGSTOP: alive to the kernel, dead to its peers. */
  void freeze() throws IOException, InterruptedException {
    Process stop = new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start();
    assertThat(stop.waitFor()).as("exit code of kill -STOP").isZero();
  }

  /** Sends SIGCONT. A process that was about to end when it was frozen may be gone. */
  void thaw() throws IOException, InterruptedException {
    Process go = new ProcessBuilder("kill", "-CONT", Long.toString(process.pid())).start();
    int exit = go.waitFor();
    assertThat(exit == 0 || process.waitFor(60, TimeUnit.SECONDS))
        .as("exit code of kill -CONT: " + exit)
        .isTrue();
  }

  /** Kills it and the processes that it started. */
  void end() throws InterruptedException {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public String toString() {
    return "out: " + out + ", err: " + err;
  }

  /** On a platform thread: reading from a pipe would pin a carrier of virtual threads. */
  private static Thread read(BufferedReader from, List<String> to) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (Stream<String> lines = from.lines()) {
                lines.forEach(to::add);
              }
            });
  }
}
