package io.faultline.cli.bench.qemu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One QEMU process and its files, killed on close and when this JVM ends. Not thread-safe. */
final class QemuProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
  private static final long END_TIMEOUT_SECONDS = 10;
  private static final long POLL_MILLIS = 5;

  private final Path log;
  private final Path socket;
  private final Path page;
  private final Process process;
  private final Thread killer;
  private @Nullable QmpConnection monitor;

  private QemuProcess(Path directory, String name, List<String> command) throws IOException {
    this.log = directory.resolve("qemu-" + name + ".log");
    this.socket = directory.resolve("qemu-" + name + ".sock");
    this.page = directory.resolve("qemu-" + name + ".page");
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
    this.process =
        new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    this.killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /**
   * Starts a QEMU and connects to its monitor.
   *
   * @param directory for its files; a short path, since it is part of a socket address
   * @param name unique in the directory
   * @throws IOException if it does not start; the message has its output
   */
  static QemuProcess start(Path directory, String name, List<String> command)
      throws IOException, InterruptedException {
    QemuProcess qemu = new QemuProcess(directory, name, command);
    try {
      qemu.monitor = qemu.connect();
      return qemu;
    } catch (IOException | InterruptedException e) {
      qemu.close();
      throw e;
    }
  }

  /** The connection to its monitor. */
  QmpConnection monitor() {
    QmpConnection current = monitor;
    if (current == null) {
      throw new IllegalStateException("not connected");
    }
    return current;
  }

  /** Reads guest-physical memory, at most a few pages. */
  byte[] memory(long address, int bytes) throws IOException, InterruptedException {
    monitor()
        .execute(
            "pmemsave",
            QmpConnection.arguments()
                .put("val", address)
                .put("size", bytes)
                .put("filename", page.toString()));
    return Files.readAllBytes(page);
  }

  /** What it has printed so far, on one line. */
  String output() throws IOException {
    return Files.exists(log)
        ? Files.readString(log, StandardCharsets.UTF_8).strip().replace('\n', ' ')
        : "";
  }

  private QmpConnection connect() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    IOException last = new IOException("no monitor");
    while (System.nanoTime() < deadline) {
      if (Files.exists(socket)) {
        try {
          return QmpConnection.open(socket);
        } catch (IOException e) {
          last = e; // it may not be listening yet
        }
      }
      if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException("QEMU exited with " + process.exitValue() + ": " + output());
      }
    }
    throw new IOException("QEMU does not start: " + output(), last);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      if (monitor != null) {
        monitor.close();
      }
      process.waitFor(END_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      Files.deleteIfExists(socket);
      Files.deleteIfExists(page);
      Files.deleteIfExists(log);
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException("files of QEMU cannot be deleted", e);
    } catch (IllegalStateException e) {
      process.destroyForcibly(); // this JVM is ending, and the hook is running
    }
  }
}
