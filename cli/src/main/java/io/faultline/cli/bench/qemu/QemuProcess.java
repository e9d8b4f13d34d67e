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

/** One QEMU and its files. Ends with this JVM; killed when it is closed. For one thread. */
final class QemuProcess implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(20);
  private static final long END_SECONDS = 10;
  private static final long LOOK_MILLIS = 5;

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
   * Starts one and connects to its monitor.
   *
   * @param directory for its files; short, since it is part of a socket's name
   * @param name of this one among those in the directory
   * @throws IOException where it does not start, with what it said
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

  /** Its monitor. */
  QmpConnection monitor() {
    QmpConnection current = monitor;
    if (current == null) {
      throw new IllegalStateException("not connected");
    }
    return current;
  }

  /** Bytes of guest-physical memory, at most a few pages. */
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

  /** What it said, for somebody who wonders; on one line. */
  String said() throws IOException {
    return Files.exists(log)
        ? Files.readString(log, StandardCharsets.UTF_8).strip().replace('\n', ' ')
        : "";
  }

  private QmpConnection connect() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START.toNanos();
    IOException last = new IOException("no monitor");
    while (System.nanoTime() < deadline) {
      if (Files.exists(socket)) {
        try {
          return QmpConnection.open(socket);
        } catch (IOException e) {
          last = e; // it may not listen yet
        }
      }
      if (process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException("QEMU ended with " + process.exitValue() + ": " + said());
      }
    }
    throw new IOException("QEMU does not come up: " + said(), last);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      if (monitor != null) {
        monitor.close();
      }
      process.waitFor(END_SECONDS, TimeUnit.SECONDS);
      Files.deleteIfExists(socket);
      Files.deleteIfExists(page);
      Files.deleteIfExists(log);
      Runtime.getRuntime().removeShutdownHook(killer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException("files of QEMU stay", e);
    } catch (IllegalStateException e) {
      process.destroyForcibly(); // this JVM is ending, and the hook runs
    }
  }
}
