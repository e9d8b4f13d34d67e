package io.faultline.qemu.process;

import io.faultline.qemu.qmp.QmpConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A QEMU that this process starts, with its files: killed on close, and when this JVM ends. Not
 * thread-safe.
 */
public final class QemuProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
  private static final long END_TIMEOUT_SECONDS = 10;
  private static final long POLL_MILLIS = 5;

  private final Process process;
  private final Path log;
  private final Path socket;
  private final Path page;
  private final Thread killer;
  private final QmpConnection monitor;

  private QemuProcess(Path directory, String name, List<String> command)
      throws IOException, InterruptedException {
    log = directory.resolve("qemu-" + name + ".log");
    socket = directory.resolve("qemu-" + name + ".sock");
    page = directory.resolve("qemu-" + name + ".page");
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("-qmp", "unix:" + socket + ",server=on,wait=off"));
    process =
        new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer);
    try {
      monitor = connect();
    } catch (IOException | InterruptedException | RuntimeException e) {
      end();
      throw e;
    }
  }

  /**
   * Starts a QEMU and connects to its monitor.
   *
   * @param directory for its files; a short path, since it is part of a socket address
   * @param name unique in the directory
   * @param command the program and its arguments, without a monitor
   * @throws IOException if it does not start; the message has its output
   */
  public static QemuProcess start(Path directory, String name, List<String> command)
      throws IOException, InterruptedException {
    return new QemuProcess(directory, name, command);
  }

  /** The connection to its monitor. */
  public QmpConnection monitor() {
    return monitor;
  }

  public int pid() {
    return Math.toIntExact(process.pid());
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Reads guest-physical memory, at most a few pages. QEMU refuses it while a migration comes in.
   */
  public byte[] memory(long address, int bytes) throws IOException, InterruptedException {
    var _ =
        monitor.execute(
            "pmemsave",
            QmpConnection.arguments()
                .put("val", address)
                .put("size", bytes)
                .put("filename", page.toString()));
    return Files.readAllBytes(page);
  }

  /** What it has printed so far, on one line. */
  public String output() throws IOException {
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

  /** Ends it by SIGKILL. {@link #close} does the same. */
  public void kill() {
    monitor.close();
    end();
  }

  @Override
  public void close() {
    kill();
  }

  private void end() {
    process.destroyForcibly();
    try {
      var _ = process.waitFor(END_TIMEOUT_SECONDS, TimeUnit.SECONDS);
      Files.deleteIfExists(socket);
      Files.deleteIfExists(page);
      Files.deleteIfExists(log);
      var _ = Runtime.getRuntime().removeShutdownHook(killer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException("files of QEMU cannot be deleted", e);
    } catch (IllegalStateException e) {
      process.destroyForcibly(); // this JVM is ending, and the hook is running
    }
  }
}
