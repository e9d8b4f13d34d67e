package io.faultline.qemu.vm;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.qemu.check.QemuCheck;
import io.faultline.qemu.process.GuestRam;
import io.faultline.qemu.process.RamMapping;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.DeviceState;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.MemoryArea;
import io.faultline.uffd.linux.process.MemoryAreas;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The guest of a QEMU that runs or waits: its process, its RAM, and the kernel as that process sees
 * it. Used by one thread at a time.
 */
final class QemuGuest implements AutoCloseable {
  private final QmpConnection monitor;
  private final PidFd process;
  private final MemoryRegion ram;
  private final QemuMachine machine;
  private final Kernel kernel;

  private QemuGuest(
      QmpConnection monitor, PidFd process, MemoryRegion ram, QemuMachine machine, Kernel kernel) {
    this.monitor = monitor;
    this.process = process;
    this.ram = ram;
    this.machine = machine;
    this.kernel = kernel;
  }

  /**
   * Finds the guest of a QEMU, and prepares QEMU for its migration.
   *
   * @param monitor stays the caller's
   * @param log gets a line if something stays open in QEMU
   * @throws IOException if the guest cannot be moved; the message is for the user
   */
  static QemuGuest of(LinuxKernel kernel, QmpConnection monitor, Consumer<String> log)
      throws IOException, InterruptedException {
    PidFd process = PidFd.open(monitor.pid());
    if (process == null) {
      throw new IOException("QEMU, process " + monitor.pid() + ", is not in this pid namespace");
    }
    try {
      QemuCheck.requireOwnAddressSpace(monitor);
      Path file = GuestRam.of(monitor).file();
      if (!Files.exists(file)) {
        throw new IOException(
            "the RAM of the guest, "
                + file
                + ", is not there: it was deleted, or only QEMU sees it");
      }
      QemuMachine machine = QemuMachine.of(monitor, file);
      DeviceState.prepare(monitor);
      MemoryRegion ram = map(kernel, monitor.pid(), file);
      GuestUserfaultfds userfaultfds = new GuestUserfaultfds(kernel, monitor, process, log);
      Kernel ofProcess = new QemuKernel(kernel, process.pid(), userfaultfds);
      return new QemuGuest(monitor, process, ram, machine, ofProcess);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  private static MemoryRegion map(Kernel kernel, int pid, Path file) throws IOException {
    RamMapping mapping = RamMapping.find(pid, file);
    requireSameFile(pid, file, mapping);
    try (MemoryFile opened = kernel.openFile(file, mapping.lengthBytes())) {
      Backing backing = Backing.file(file, opened.pageSize());
      return MemoryRegion.ofOtherProcess(
          kernel, 0, "ram", backing, mapping.lengthBytes(), mapping.address());
    } catch (IllegalArgumentException e) {
      throw new IOException("the RAM of the guest: " + e.getMessage(), e);
    }
  }

  /** A file of the same path may be another one: deleted and created again, or in a container. */
  private static void requireSameFile(int pid, Path file, RamMapping mapping) throws IOException {
    long inode = (Long) Files.getAttribute(file, "unix:ino");
    for (MemoryArea area : MemoryAreas.of(pid)) {
      if (area.start() == mapping.address() && area.inode() != inode) {
        throw new IOException(
            "QEMU, process " + pid + ", has mapped another file than the one that " + file + " is");
      }
    }
  }

  QmpConnection monitor() {
    return monitor;
  }

  PidFd process() {
    return process;
  }

  MemoryRegion ram() {
    return ram;
  }

  QemuMachine machine() {
    return machine;
  }

  /** The kernel as QEMU's process sees it. */
  Kernel kernel() {
    return kernel;
  }

  @Override
  public void close() {
    ram.close();
    process.close();
  }
}
