package io.faultline.qemu.vm;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.qemu.check.QemuCheck;
import io.faultline.qemu.process.GuestRam;
import io.faultline.qemu.process.RamMapping;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.ConflictingSettings;
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
  private final Kernel snapshotKernel;
  private final RamLock lock;
  private final FormerSettings settings;
  private final Consumer<String> log;
  private boolean prepared;

  private QemuGuest(
      QmpConnection monitor,
      PidFd process,
      MemoryRegion ram,
      QemuMachine machine,
      Kernel kernel,
      Kernel snapshotKernel,
      RamLock lock,
      FormerSettings settings,
      Consumer<String> log) {
    this.monitor = monitor;
    this.process = process;
    this.ram = ram;
    this.machine = machine;
    this.kernel = kernel;
    this.snapshotKernel = snapshotKernel;
    this.lock = lock;
    this.settings = settings;
    this.log = log;
  }

  /**
   * Finds the guest of a QEMU, and changes nothing there.
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
      return locked(kernel, monitor, process, ramFile(monitor), log);
    } catch (IOException | InterruptedException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /** The file that is a guest's RAM, as this process sees it. */
  static Path ramFile(QmpConnection monitor) throws IOException, InterruptedException {
    Path file = GuestRam.of(monitor).file();
    if (!Files.exists(file)) {
      throw new IOException(
          "the RAM of the guest, " + file + ", is not there: it was deleted, or only QEMU sees it");
    }
    return file.toRealPath();
  }

  private static QemuGuest locked(
      LinuxKernel kernel, QmpConnection monitor, PidFd process, Path file, Consumer<String> log)
      throws IOException, InterruptedException {
    RamLock lock = RamLock.take(file);
    try {
      QemuMachine machine = QemuMachine.of(monitor, file);
      MemoryRegion ram = map(kernel, monitor.pid(), file);
      try {
        FormerSettings settings = FormerSettings.of(monitor);
        settings.requireAll();
        ConflictingSettings.requireNone(monitor);
        GuestUserfaultfds userfaultfds = new GuestUserfaultfds(kernel, monitor, process, log);
        Kernel ofProcess = new QemuKernel(kernel, process.pid(), userfaultfds::open);
        Kernel ofSnapshots =
            new QemuKernel(kernel, process.pid(), userfaultfds.ofThisProcess()::open);
        return new QemuGuest(
            monitor, process, ram, machine, ofProcess, ofSnapshots, lock, settings, log);
      } catch (IOException | InterruptedException | RuntimeException e) {
        ram.close();
        throw e;
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** The RAM of a guest, which is in a file that QEMU has mapped. */
  static MemoryRegion map(Kernel kernel, int pid, Path file) throws IOException {
    RamMapping mapping = RamMapping.find(pid, file);
    requireSameFile(pid, file, mapping);
    try (MemoryFile opened = kernel.openExistingFile(file, mapping.lengthBytes())) {
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
    long device = (Long) Files.getAttribute(file, "unix:dev");
    for (MemoryArea area : MemoryAreas.of(pid)) {
      boolean same = area.inode() == inode && area.device() == device;
      if (area.start() == mapping.address() && !same) {
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

  /** The same, where no userfaultfd outlives this process. */
  Kernel snapshotKernel() {
    return snapshotKernel;
  }

  /** What QEMU's own migration was set to. */
  FormerSettings settings() {
    return settings;
  }

  /**
   * Sets QEMU's own migration up, to give or take a device state. {@link #restoreSettings} undoes
   * it.
   *
   * @throws IOException if QEMU refuses
   */
  void prepare() throws IOException, InterruptedException {
    prepared = true;
    DeviceState.prepare(monitor);
  }

  /** Sets QEMU's own migration as it was; a QEMU that has ended needs nothing. */
  void restoreSettings() throws InterruptedException {
    if (!prepared || process.hasExited()) {
      return;
    }
    try {
      settings.restore(monitor);
      prepared = false;
    } catch (IOException e) {
      log.accept("QEMU keeps settings of its own migration: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    try {
      restoreSettings();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ram.close();
      lock.close();
      process.close();
    }
  }
}
