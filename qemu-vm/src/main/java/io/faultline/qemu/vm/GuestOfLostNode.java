package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.DeviceState;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The guest of a QEMU whose source node was killed, found again by what its journal says. The
 * journal must be open, so that no other process does the same. Used by one thread.
 */
public final class GuestOfLostNode implements AutoCloseable {
  private final LinuxKernel kernel;
  private final SurvivingGuest survivor;
  private final PidFd process;
  private final QmpConnection monitor;
  private final boolean ownsMonitor;
  private final RamLock lock;
  private final Consumer<String> log;

  private GuestOfLostNode(
      LinuxKernel kernel,
      SurvivingGuest survivor,
      PidFd process,
      QmpConnection monitor,
      boolean ownsMonitor,
      Consumer<String> log)
      throws IOException {
    this.kernel = kernel;
    this.survivor = survivor;
    this.process = process;
    this.monitor = monitor;
    this.ownsMonitor = ownsMonitor;
    this.log = log;
    lock = RamLock.take(survivor.ram());
  }

  /**
   * Finds the guest.
   *
   * @param recorded see {@link QemuSource#survivor}
   * @param log gets a line if settings of QEMU cannot be restored
   * @return null if its QEMU has ended
   * @throws IOException if QEMU lives and cannot be reached; the message is for the user
   */
  public static @Nullable GuestOfLostNode find(
      LinuxKernel kernel, ByteString recorded, Consumer<String> log)
      throws IOException, InterruptedException {
    SurvivingGuest survivor = SurvivingGuest.decode(recorded);
    PidFd process = PidFd.open(survivor.pid(), survivor.startTicks());
    if (process == null) {
      return null;
    }
    try {
      QmpConnection monitor = QmpConnection.open(survivor.monitor());
      try {
        if (monitor.pid() != survivor.pid()) {
          throw new IOException(
              survivor.monitor() + " is the monitor of another QEMU, process " + monitor.pid());
        }
        return new GuestOfLostNode(kernel, survivor, process, monitor, true, log);
      } catch (IOException | RuntimeException e) {
        monitor.close();
        throw e;
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      boolean ended = process.hasExited();
      process.close();
      if (ended) {
        return null;
      }
      throw e;
    }
  }

  /**
   * As {@link #find}, for a QEMU that is known already.
   *
   * @param monitor stays the caller's
   * @return null if the guest is that of another QEMU
   */
  public static @Nullable GuestOfLostNode of(
      LinuxKernel kernel, QmpConnection monitor, ByteString recorded, Consumer<String> log)
      throws IOException {
    SurvivingGuest survivor = SurvivingGuest.decode(recorded);
    ProcessEntry qemu = new ProcessTable().find(monitor.pid());
    if (qemu == null || !survivor.isOf(monitor, qemu.startTicks())) {
      return null;
    }
    PidFd process = PidFd.open(survivor.pid(), survivor.startTicks());
    if (process == null) {
      return null;
    }
    try {
      return new GuestOfLostNode(kernel, survivor, process, monitor, false, log);
    } catch (IOException | RuntimeException e) {
      process.close();
      throw e;
    }
  }

  /** The id of QEMU's process. */
  public int pid() {
    return process.pid();
  }

  /** Whether the guest runs now. */
  public boolean isRunning() throws IOException, InterruptedException {
    return MonitorStatus.isRunning(MonitorStatus.of(monitor));
  }

  /**
   * After a node that has not sent RUN: lets the guest run on if the node had stopped it, and
   * removes what it left in QEMU. May be repeated.
   *
   * @param deviceState that the journal has; empty if the guest was not paused
   * @return whether the guest runs; it does not if its user had paused it before
   * @throws IOException if QEMU refuses
   */
  public boolean continueHere(ByteString deviceState) throws IOException, InterruptedException {
    boolean wasRunning =
        deviceState.isEmpty() ? survivor.running() : GuestState.decode(deviceState).running();
    DeviceState.endMigration(monitor); // which may stop the guest until it has ended
    if (wasRunning && MonitorStatus.isStoppedForMigration(MonitorStatus.of(monitor))) {
      DeviceState.resume(monitor);
    }
    clean();
    return isRunning();
  }

  /** Removes what the node left in QEMU. The guest stays as it is. */
  public void clean() throws IOException, InterruptedException {
    if (process.hasExited()) {
      return;
    }
    new LeftInQemu(kernel, process).clean(survivor.address(), survivor.sizeBytes());
    LeftInQemu.closeDescriptors(monitor);
    try {
      survivor.settings().restore(monitor);
    } catch (IOException e) {
      log.accept("QEMU keeps settings of its own migration: " + e.getMessage());
    }
  }

  /** QEMU continues as it is. */
  @Override
  public void close() {
    lock.close();
    process.close();
    if (ownsMonitor) {
      monitor.close();
    }
  }
}
