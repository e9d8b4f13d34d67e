package io.faultline.cli.qemu;

import io.faultline.cli.engine.EngineChoice;
import io.faultline.cli.options.UsageException;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Path;

/** The monitor of a QEMU that the user names with {@code --qmp}. */
public record QemuMonitor(QmpConnection connection) implements AutoCloseable {
  /**
   * Connects to it.
   *
   * @throws UsageException if no monitor is there
   */
  public static QemuMonitor open(Path socket) throws InterruptedException {
    try {
      return new QemuMonitor(QmpConnection.open(socket));
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
