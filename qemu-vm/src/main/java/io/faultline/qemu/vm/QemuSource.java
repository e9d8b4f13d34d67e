package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.WriteProtectDirtyLog;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.DeviceState;
import io.faultline.source.OutgoingVm;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The guest of a running QEMU, as an outgoing migration sees it. QEMU continues to run when this is
 * closed: its VM if the migration failed before RUN, else without one.
 *
 * <p>Used by one thread at a time, as {@link OutgoingVm} is.
 */
public final class QemuSource implements OutgoingVm, AutoCloseable {
  /** The VM type on the wire. */
  public static final String TYPE = "qemu";

  private final QemuGuest guest;
  private final Path directory;
  private final SurvivingGuest survivor;

  /** Whether it ran when it was stopped for the migration. */
  private boolean running;

  private QemuSource(QemuGuest guest, Path directory, SurvivingGuest survivor) {
    this.guest = guest;
    this.directory = directory;
    this.survivor = survivor;
    running = survivor.running();
  }

  /**
   * Takes the guest of a QEMU. What a source node left in it that was killed is removed.
   *
   * @param monitor stays the caller's, and is used from here on
   * @param directory for a socket; a short path
   * @param log gets a line if something stays open in QEMU
   * @throws IOException if the guest cannot be moved; the message is for the user
   */
  public static QemuSource of(
      LinuxKernel kernel, QmpConnection monitor, Path directory, Consumer<String> log)
      throws IOException, InterruptedException {
    String status = MonitorStatus.of(monitor);
    MonitorStatus.requireGuest(monitor, status);
    QemuGuest guest = QemuGuest.of(kernel, monitor, log);
    try {
      new LeftInQemu(kernel, guest.process()).clean(guest.ram());
      return new QemuSource(guest, directory, survivor(guest, status));
    } catch (IOException | RuntimeException e) {
      guest.close();
      throw e;
    }
  }

  /** The file that is the RAM of a QEMU's guest: by it, its journals are found. */
  public static Path ramFile(QmpConnection monitor) throws IOException, InterruptedException {
    return QemuGuest.ramFile(monitor);
  }

  private static SurvivingGuest survivor(QemuGuest guest, String status) throws IOException {
    ProcessEntry qemu = new ProcessTable().find(guest.process().pid());
    Path ram = guest.ram().backing().path();
    if (qemu == null || ram == null) {
      throw new IOException("QEMU, " + guest.process() + ", has ended");
    }
    return new SurvivingGuest(
        guest.monitor().socket().toAbsolutePath(),
        qemu.pid(),
        qemu.startTicks(),
        ram,
        guest.ram().guest().address(),
        guest.ram().sizeBytes(),
        MonitorStatus.isRunning(status),
        guest.settings());
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public ByteString configuration() {
    return guest.machine().encode();
  }

  @Override
  public List<MemoryRegion> regions() {
    return List.of(guest.ram());
  }

  @Override
  public ByteString survivor() {
    return survivor.encode();
  }

  /** By write protection in QEMU's process. */
  @Override
  public DirtyLog dirtyLog() {
    return new WriteProtectDirtyLog(guest.kernel(), regions());
  }

  /** Leaves a guest alone that does not run, since its user has paused it. */
  @Override
  public void pause() {
    running =
        MonitorCalls.call(
            () -> {
              boolean runs = MonitorStatus.isRunning(MonitorStatus.of(guest.monitor()));
              if (runs) {
                var _ = guest.monitor().execute("stop");
              }
              return runs;
            });
  }

  @Override
  public void resume() {
    var _ =
        MonitorCalls.call(
            () -> {
              if (running) {
                DeviceState.resume(guest.monitor());
              } else {
                DeviceState.endMigration(guest.monitor());
              }
              return true;
            });
  }

  @Override
  public ByteString deviceState() {
    byte[] ofDevices = MonitorCalls.call(() -> DeviceState.take(guest.monitor(), directory));
    return new GuestState(running, ByteString.copyFrom(ofDevices)).encode();
  }

  /** The RAM, which QEMU may change at any time. */
  public MemoryRegion ram() {
    return guest.ram();
  }

  @Override
  public void close() {
    guest.close();
  }
}
