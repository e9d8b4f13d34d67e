package io.faultline.cli.qemu;

import io.faultline.qemu.process.Accelerator;
import io.faultline.qemu.process.QemuCommand;
import io.faultline.qemu.process.QemuProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Two QEMUs on this machine: one with a guest, and one that waits for it. Each has two monitors, of
 * which one is for a node that migrates the guest. Both end on close, and with the thread that
 * started them. Used by one thread at a time.
 */
public final class QemuPair implements AutoCloseable {
  private static final long POLL_MILLIS = 10;

  private final QemuFiles files;
  private final QemuProcess source;
  private final QemuProcess destination;

  private QemuPair(QemuFiles files, QemuProcess source, QemuProcess destination) {
    this.files = files;
    this.source = source;
    this.destination = destination;
  }

  /**
   * Starts both.
   *
   * @throws IOException if one of them does not start; the message has its output
   */
  public static QemuPair start(
      Path program, Accelerator accelerator, DemoGuest guest, QemuFiles files)
      throws IOException, InterruptedException {
    QemuCommand running = command(program, accelerator, guest, files, QemuSide.SOURCE);
    QemuCommand waiting =
        command(program, accelerator, guest, files, QemuSide.DESTINATION).waiting();
    QemuProcess source = start(files, QemuSide.SOURCE, running);
    try {
      return new QemuPair(files, source, start(files, QemuSide.DESTINATION, waiting));
    } catch (IOException | InterruptedException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private static QemuCommand command(
      Path program, Accelerator accelerator, DemoGuest guest, QemuFiles files, QemuSide side)
      throws IOException {
    return QemuCommand.withRamInFile(
            program.toString(), accelerator, guest.memoryBytes(), files.ram(side))
        .withMonitor(files.monitor(side))
        .with(guest.arguments(files, side));
  }

  private static QemuProcess start(QemuFiles files, QemuSide side, QemuCommand command)
      throws IOException, InterruptedException {
    return QemuProcess.start(
        files.scratch(), side.toString(), EndsWithThread.command(command.arguments()));
  }

  /** Arguments of the node on one side: the VM that it migrates. */
  public List<String> arguments(QemuSide side) {
    return List.of("--vm=qemu", "--qmp=" + files.monitor(side));
  }

  /** The version of both. */
  public String version() {
    return source.monitor().version().toString();
  }

  QemuFiles files() {
    return files;
  }

  /** The QEMU on one side, with a monitor that no node uses. */
  QemuProcess qemu(QemuSide side) {
    return side == QemuSide.SOURCE ? source : destination;
  }

  /** Ends the QEMU on one side, and frees the memory of its guest. */
  void end(QemuSide side) throws IOException {
    qemu(side).close();
    Files.deleteIfExists(files.ram(side));
  }

  /** What a guest is waited for. */
  interface Condition {
    boolean holds() throws IOException;
  }

  /**
   * Waits for something that the guest on one side does.
   *
   * @param what for the message, such as {@code fill its memory}
   * @throws IOException if it does not do it in time, or its QEMU ends
   */
  void await(QemuSide side, String what, Duration limit, Condition condition)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (!qemu(side).isAlive()) {
        throw new IOException("the QEMU of the " + side + " has exited: " + qemu(side).output());
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException("the guest did not " + what + " for " + limit.toSeconds() + " s");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  @Override
  public void close() {
    try (QemuProcess _ = source) {
      destination.close();
    }
  }
}
