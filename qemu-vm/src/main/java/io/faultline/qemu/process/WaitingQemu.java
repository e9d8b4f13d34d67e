package io.faultline.qemu.process;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.process.SessionProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A QEMU that this process starts, and that waits for a guest. Until it is given one it ends with
 * this process, as far as this process can see to that; from then on only {@link #close} ends it,
 * and nothing does once it is to be kept: it has a session of its own.
 *
 * <p>Used by one thread at a time, except for methods that say otherwise.
 */
public final class WaitingQemu implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(20);
  private static final int POLL_MILLIS = 5;
  private static final int O_WRONLY_APPEND = 0x401;
  private static final int MAX_OUTPUT = 2000;

  /** Leaves room for the names of sockets in the 107 bytes of an address. */
  private static final int MAX_DIRECTORY_BYTES = 75;

  private final SessionProcess process;
  private final Path socket;
  private final Path log;
  private final Thread atExit;
  private final QmpConnection monitor;
  private volatile boolean given;
  private boolean kept;

  private WaitingQemu(SessionProcess process, Path socket, Path log)
      throws IOException, InterruptedException {
    this.process = process;
    this.socket = socket;
    this.log = log;
    atExit = new Thread(this::endUnlessGiven, "end-waiting-qemu");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      monitor = connect();
    } catch (IOException | InterruptedException | RuntimeException e) {
      end();
      throw e;
    }
  }

  /**
   * Starts a QEMU with {@code -incoming defer -S} and a monitor, and connects to it.
   *
   * @param directory for its socket and its output, which outlive this process; see {@link
   *     #isShortEnough}
   * @param name of the files, without a suffix; not in use
   * @param command the program, which the PATH may find, and its arguments
   * @throws IOException if it does not start; the message is for the user, and has its output
   */
  public static WaitingQemu start(Path directory, String name, List<String> command)
      throws IOException, InterruptedException {
    Path socket = directory.toAbsolutePath().resolve(name + ".qmp");
    Path log = directory.toAbsolutePath().resolve(name + ".log");
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    WaitingCommand full = WaitingCommand.of(command, path, socket);
    Files.deleteIfExists(socket);
    Files.deleteIfExists(log);
    Files.createFile(
        log, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    int output = FileDescriptors.open(log, O_WRONLY_APPEND);
    SessionProcess process;
    try {
      process = SessionProcess.start(full.program(), full.arguments(), output);
    } catch (SystemCallException e) {
      Files.deleteIfExists(log);
      throw new IOException("QEMU cannot be started: " + e.getMessage(), e);
    } finally {
      FileDescriptors.close(output);
    }
    return new WaitingQemu(process, socket, log);
  }

  /** Whether the sockets in a directory have addresses that QEMU can use. */
  public static boolean isShortEnough(Path directory) {
    return directory.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8).length
        <= MAX_DIRECTORY_BYTES;
  }

  /** The connection to its monitor, closed with this. */
  public QmpConnection monitor() {
    return monitor;
  }

  public int pid() {
    return process.pid();
  }

  /** The socket of its monitor. */
  public Path socket() {
    return socket;
  }

  /** The file with its output. */
  public Path log() {
    return log;
  }

  /** Any thread: it is about to get the guest, so the end of this process must not end it. */
  public void given() {
    given = true;
  }

  /** The guest runs in it: {@link #close} does not end it. */
  public void keep() {
    given = true;
    kept = true;
  }

  /** Whether {@link #keep} was called. */
  public boolean isKept() {
    return kept;
  }

  private QmpConnection connect() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    IOException last = new IOException("it has no monitor");
    while (System.nanoTime() - deadline < 0) {
      if (Files.exists(socket)) {
        try {
          return QmpConnection.open(socket);
        } catch (IOException e) {
          last = e; // it may not be listening yet
        }
      }
      if (process.awaitExit(POLL_MILLIS)) {
        throw new IOException("QEMU ended at its start: " + output());
      }
    }
    throw new IOException("QEMU does not start: " + last.getMessage() + " " + output(), last);
  }

  /** What it has printed, on one line. */
  private String output() throws IOException {
    String all = Files.readString(log, StandardCharsets.UTF_8).strip().replace('\n', ' ');
    if (all.isEmpty()) {
      return "it printed nothing";
    }
    return all.substring(Math.max(0, all.length() - MAX_OUTPUT));
  }

  private void endUnlessGiven() {
    if (!given) {
      process.kill();
      try {
        deleteFiles();
      } catch (IOException e) {
        // the process ends, and they are empty
      }
    }
  }

  /** Ends it, unless it is to be kept. */
  @Override
  public void close() throws IOException {
    monitor.close();
    if (kept) {
      removeHook();
      process.close();
    } else {
      end();
    }
  }

  private void end() throws IOException {
    process.kill();
    removeHook();
    process.close();
    deleteFiles();
  }

  private void deleteFiles() throws IOException {
    Files.deleteIfExists(socket);
    Files.deleteIfExists(log);
  }

  private void removeHook() {
    try {
      var _ = Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // this JVM is ending, and the hook is running
    }
  }
}
