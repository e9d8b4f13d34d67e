package io.faultline.uffd.linux.injection;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.linux.process.PidFd;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** The running program {@code src/test/c/touch.c}, which reads and writes pages of a file. */
final class TouchingProcess implements AutoCloseable {
  private static final String CHILD_OF_A_SHELL = "\"$0\" \"$@\"; exit $?";
  private static final String UNPRIVILEGED =
      "exec 7<>/dev/userfaultfd; setpriv --reuid 65534 --regid 65534 --clear-groups \"$0\" \"$@\";"
          + " exit $?";

  /** The number of its descriptor of {@code /dev/userfaultfd} if it is unprivileged. */
  static final int DEVICE = 7;

  private final Process shell;
  private final BufferedReader output;
  private final Writer input;
  private final PidFd pidFd;
  private final long address;

  private TouchingProcess(String script, Path program, Path file, long bytes) throws IOException {
    shell =
        new ProcessBuilder(
                "sh", "-c", script, program.toString(), file.toString(), String.valueOf(bytes))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    output = shell.inputReader();
    input = shell.outputWriter();
    pidFd = Objects.requireNonNull(PidFd.open(Integer.parseInt(value("main"))));
    address = Long.parseLong(value("at"), 16);
  }

  static TouchingProcess start(Path program, Path file, long bytes) throws IOException {
    return new TouchingProcess(CHILD_OF_A_SHELL, program, file, bytes);
  }

  static TouchingProcess startUnprivileged(Path program, Path file, long bytes) throws IOException {
    return new TouchingProcess(UNPRIVILEGED, program, file, bytes);
  }

  private String value(String name) throws IOException {
    String line = output.readLine();
    assertThat(line).startsWith(name + " ");
    return line.substring(name.length() + 1);
  }

  PidFd pidFd() {
    return pidFd;
  }

  long address(long page) {
    return address + page * 4096;
  }

  /** Reads the first word of a page; completes once the process has it. */
  CompletableFuture<Long> read(long page) {
    return send(String.valueOf(page));
  }

  CompletableFuture<Long> write(long page, long value) {
    return send("w " + page + " " + value);
  }

  private CompletableFuture<Long> send(String line) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            input.write(line + "\n");
            input.flush();
            return Long.parseLong(output.readLine());
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  /** What its descriptors are. */
  List<String> descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/" + pidFd.pid() + "/fd"))) {
      return all.map(TouchingProcess::target).toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "closed";
    }
  }

  @Override
  public void close() {
    pidFd.sendSignal(PidFd.SIGKILL);
    pidFd.close();
    try {
      shell.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
