package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A command that was started, and what it has said. Thread-safe. */
final class Node {
  /** For what takes a second or so on a quiet machine. */
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

  /** Waits for its end; returns the exit code. */
  int await(Duration limit) throws InterruptedException {
    boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(ended).as("ends within %s; said %s", limit, this).isTrue();
    for (Thread reader : readers) {
      reader.join(Duration.ofSeconds(10));
    }
    return process.exitValue();
  }

  /** Waits for its end, which has to be that of a success. */
  void awaitSuccess() throws InterruptedException {
    int exit = await(LIMIT);
    assertThat(exit).as("exit code of a command that said %s", this).isZero();
  }

  /** Waits for its failure, which has to be told without a stack trace. */
  void awaitFailure(int expectedExit, Duration limit) throws InterruptedException {
    int exit = await(limit);
    assertThat(exit).as("exit code of a command that said %s", this).isEqualTo(expectedExit);
    assertNoStackTrace();
  }

  void assertNoStackTrace() {
    assertThat(Stream.concat(out.stream(), err.stream()))
        .noneMatch(line -> line.startsWith("\tat") || line.contains("Exception"));
  }

  /** Of a destination: where it listens, once it does. */
  int awaitPort() {
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(POLL)
        .untilAsserted(
            () ->
                assertThat(!out.isEmpty() || !process.isAlive())
                    .as("process %s listens or has ended: %s", process.pid(), this)
                    .isTrue());
    assertThat(out).as("output; errors: %s", err).isNotEmpty();
    assertThat(out.getFirst()).startsWith(LISTENING);
    return Integer.parseInt(out.getFirst().substring(out.getFirst().lastIndexOf(':') + 1));
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

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  /** SIGTERM, as Ctrl-C. Not by the process itself, which would lose what it still says. */
  void interrupt() {
    process.toHandle().destroy();
  }

  /** SIGSTOP: alive to the kernel, dead to its peers. */
  void freeze() throws IOException, InterruptedException {
    Process stop = new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start();
    assertThat(stop.waitFor()).as("exit code of kill -STOP").isZero();
  }

  /** SIGCONT. A process that was about to end when it was to freeze may be gone. */
  void thaw() throws IOException, InterruptedException {
    Process go = new ProcessBuilder("kill", "-CONT", Long.toString(process.pid())).start();
    int exit = go.waitFor();
    assertThat(exit == 0 || process.waitFor(1, TimeUnit.SECONDS))
        .as("kill -CONT: " + exit)
        .isTrue();
  }

  /** Ends it, and what it has started, the hard way. */
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

  /** On a thread of the system's: reading from a pipe would hold a carrier of virtual threads. */
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
