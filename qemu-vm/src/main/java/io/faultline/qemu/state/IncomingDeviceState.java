package io.faultline.qemu.state;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QmpEvent;
import java.io.IOException;

/**
 * Loads a device state into a QEMU that was started with {@code -incoming defer -S}. Used by the
 * thread of the monitor.
 */
public final class IncomingDeviceState implements AutoCloseable {
  private final QmpConnection monitor;
  private final StateSocket socket;

  private IncomingDeviceState(QmpConnection monitor, StateSocket socket) {
    this.monitor = monitor;
    this.socket = socket;
  }

  /**
   * Prepares QEMU before the state arrives. It changes nothing there.
   *
   * @throws IOException if QEMU refuses
   */
  public static IncomingDeviceState open(QmpConnection monitor)
      throws IOException, InterruptedException {
    return new IncomingDeviceState(monitor, StateSocket.open(monitor));
  }

  /**
   * Loads the state. The VM stays paused; {@code cont} starts it.
   *
   * <p>Devices read guest memory while they load: the rings of virtio, the option ROM that {@code
   * kvm-tpr-opt} patched. Where that memory is missing, their faults must be served meanwhile, by
   * another thread; zeros fail the load.
   *
   * @throws IOException if QEMU refuses the state: other devices, RAM of another size, another
   *     machine type. The message says so as far as QEMU does
   */
  public void load(byte[] state) throws IOException, InterruptedException {
    try (StateWriter writer = new StateWriter(socket.connection(), state)) {
      monitor.forgetEvents();
      writer.write(); // what fits: QEMU finds it there
      socket.start("migrate-incoming");
      writer.writeAll(DeviceState.LIMIT);
    }
    try {
      QmpEvent end =
          monitor
              .await(QmpEvent::endsMigration, DeviceState.LIMIT)
              .orElseThrow(() -> DeviceState.timeout("did not load its device state"));
      DeviceState.requireCompleted(monitor, end);
    } catch (IOException e) {
      throw new IOException( // early versions just exit
          e.getMessage()
              + ": it does not load the device state: give it the same machine type, devices, -cpu"
              + " and RAM size as at the source",
          e);
    }
  }

  @Override
  public void close() {
    socket.close();
  }
}
