package io.faultline.cli.dest;

import io.faultline.cli.options.UsageException;
import io.faultline.cli.qemu.QemuMonitor;
import io.faultline.qemu.process.WaitingQemu;
import io.faultline.qemu.qmp.QmpConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The QEMU that gets the guest, with a connection to its monitor. Closing ends a QEMU that was
 * started here, unless the guest runs in it.
 *
 * @param socket of the monitor
 * @param started null for a QEMU of the user's
 * @param scratch the directory of its socket, if it was created for this QEMU; otherwise null
 */
public record DestinationQemu(
    QmpConnection monitor, Path socket, @Nullable WaitingQemu started, @Nullable Path scratch)
    implements AutoCloseable {
  /**
   * Connects to it, or starts it.
   *
   * @param stateDirectory for its files, if their addresses are short enough
   * @throws UsageException if there is none, or it does not start
   */
  public static DestinationQemu open(QemuChoice choice, Path stateDirectory)
      throws IOException, InterruptedException {
    return switch (choice) {
      case QemuChoice.Waiting waiting -> {
        QemuMonitor monitor = QemuMonitor.open(waiting.monitor());
        yield new DestinationQemu(
            monitor.connection(), waiting.monitor().toAbsolutePath(), null, null);
      }
      case QemuChoice.Start start -> start(start.command(), stateDirectory);
    };
  }

  private static DestinationQemu start(List<String> command, Path stateDirectory)
      throws IOException, InterruptedException {
    @Nullable Path scratch =
        WaitingQemu.isShortEnough(stateDirectory)
            ? null
            : Files.createTempDirectory("faultline-qemu");
    Path directory = scratch == null ? stateDirectory : scratch;
    String name = "qemu-" + ProcessHandle.current().pid();
    try {
      WaitingQemu started = WaitingQemu.start(directory, name, command);
      return new DestinationQemu(started.monitor(), started.socket(), started, scratch);
    } catch (IOException e) {
      delete(scratch);
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private static void delete(@Nullable Path scratch) throws IOException {
    if (scratch != null) {
      Files.deleteIfExists(scratch);
    }
  }

  /** For the user. */
  @Override
  public String toString() {
    String output = started == null ? "" : ", output " + started.log();
    return "QEMU, process " + monitor.pid() + ", monitor " + socket + output;
  }

  /** It is about to get the guest: it must not end with this process any more. */
  void given() {
    if (started != null) {
      started.given();
    }
  }

  /** The guest runs in it. */
  public void keep() {
    if (started != null) {
      started.keep();
    }
  }

  @Override
  public void close() throws IOException {
    if (started == null) {
      monitor.close();
    } else {
      started.close();
      if (!started.isKept()) {
        delete(scratch);
      }
    }
  }
}
