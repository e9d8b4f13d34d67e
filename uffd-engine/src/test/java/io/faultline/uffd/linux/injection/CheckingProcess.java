package io.faultline.uffd.linux.injection;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.linux.process.PidFd;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The running program {@code src/test/c/threads.c}, whose threads check themselves. It is not a
 * child of this process, whose thread "process reaper" would see its stops.
 */
final class CheckingProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final Map<String, Integer> threads = new LinkedHashMap<>();
  final PidFd pidFd;

  private CheckingProcess(Process process) throws IOException {
    this.process = process;
    output = process.inputReader();
    String line = output.readLine();
    while (line != null && !line.equals("ready")) {
      String[] words = line.split(" ", -1);
      threads.put(words[0], Integer.parseInt(words[1]));
      line = output.readLine();
    }
    assertThat(line).isEqualTo("ready");
    pidFd = Objects.requireNonNull(PidFd.open(pid()));
  }

  /** Compiles the program; skips the test without a C compiler or on another architecture. */
  static Path compile(Path directory) throws IOException, InterruptedException {
    return CProgram.compile("threads", directory);
  }

  static CheckingProcess start(Path program, String... arguments) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", "\"$0\" \"$@\" & wait"));
    command.add(program.toString());
    command.addAll(List.of(arguments));
    return run(command);
  }

  /** As {@link #start}, but as a child of this process, for which it waits itself. */
  static CheckingProcess startChild(Path program) {
    return run(List.of(program.toString()));
  }

  private static CheckingProcess run(List<String> command) {
    try {
      return new CheckingProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int pid() {
    return thread("main");
  }

  /** The ids of its threads, by what each does. */
  Map<String, Integer> threads() {
    return threads;
  }

  int thread(String name) {
    return Objects.requireNonNull(threads.get(name), name);
  }

  boolean isAlive() {
    return !pidFd.hasExited();
  }

  boolean endsWithin(long seconds) throws InterruptedException {
    return process.waitFor(seconds, TimeUnit.SECONDS);
  }

  /** Ends it, and checks that nothing was wrong in any thread. */
  void finishWithoutComplaint() throws IOException, InterruptedException {
    assertThat(pidFd.sendSignal(PidFd.SIGTERM)).isTrue();
    List<String> lines = output.lines().toList();
    assertThat(process.waitFor()).as(lines.toString()).isZero();
    assertThat(lines).singleElement().asString().matches("rounds [1-9]\\d+ bad 0");
  }

  @Override
  public void close() {
    pidFd.sendSignal(PidFd.SIGKILL);
    pidFd.close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
