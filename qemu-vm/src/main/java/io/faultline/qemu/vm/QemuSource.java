package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.WriteProtectDirtyLog;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.DeviceState;
import io.faultline.source.OutgoingVm;
import io.faultline.uffd.linux.LinuxKernel;
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

  private QemuSource(QemuGuest guest, Path directory) {
    this.guest = guest;
    this.directory = directory;
  }

  /**
   * Takes the guest of a QEMU.
   *
   * @param monitor stays the caller's, and is used from here on
   * @param directory for a socket; a short path
   * @param log gets a line if something stays open in QEMU
   * @throws IOException if the guest cannot be moved; the message is for the user
   */
  public static QemuSource of(
      LinuxKernel kernel, QmpConnection monitor, Path directory, Consumer<String> log)
      throws IOException, InterruptedException {
    return new QemuSource(QemuGuest.of(kernel, monitor, log), directory);
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

  /** By write protection in QEMU's process. */
  @Override
  public DirtyLog dirtyLog() {
    return new WriteProtectDirtyLog(guest.kernel(), regions());
  }

  @Override
  public void pause() {
    var _ = MonitorCalls.call(() -> guest.monitor().execute("stop"));
  }

  @Override
  public void resume() {
    var _ =
        MonitorCalls.call(
            () -> {
              DeviceState.resume(guest.monitor());
              return true;
            });
  }

  @Override
  public ByteString deviceState() {
    return ByteString.copyFrom(
        MonitorCalls.call(() -> DeviceState.take(guest.monitor(), directory)));
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
