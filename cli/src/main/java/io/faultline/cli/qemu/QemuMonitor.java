package io.faultline.cli.qemu;

import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.options.UsageException;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The monitor of a QEMU that the user names with {@code --qmp}.
 *
 * @param directory that of the monitor's socket, which QEMU can reach: for other sockets
 */
public record QemuMonitor(QmpConnection connection, Path directory) implements AutoCloseable {
  /**
   * Connects to it.
   *
   * @throws UsageException if no monitor is there
   */
  public static QemuMonitor open(Path socket) throws InterruptedException {
    Path directory = Objects.requireNonNull(socket.toAbsolutePath().getParent(), "no directory");
    try {
      return new QemuMonitor(QmpConnection.open(socket), directory);
    } catch (IOException e) {
      throw new UsageException("--qmp " + socket + ": " + e.getMessage());
    }
  }

  /**
   * The kernel, which must be the real one.
   *
   * @throws UsageException if the user wants the simulated one
   */
  public static LinuxKernel kernel(EngineChoice engine) {
    if (engine == EngineChoice.SIMULATED) {
      throw new UsageException("--vm qemu needs the Linux kernel; leave out --engine simulated");
    }
    return new LinuxKernel();
  }

  @Override
  public void close() {
    connection.close();
  }
}
