package io.faultline.qemu.state;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QmpEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Loads a device state into a QEMU that was started with {@code -incoming defer -S}. QEMU begins
 * with the first part of it. Used by one thread at a time, that of the monitor.
 */
public final class IncomingDeviceState implements AutoCloseable {
  private static final String LOAD = "migrate-incoming";

  /** In which QEMU is asked why it has refused the state. */
  private static final Duration FOR_REASON = Duration.ofSeconds(1);

  private final QmpConnection monitor;
  private final StateSocket socket;
  private final StateWriter writer;
  private boolean begun;

  private IncomingDeviceState(QmpConnection monitor, StateSocket socket) {
    this.monitor = monitor;
    this.socket = socket;
    writer = new StateWriter(socket.connection());
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
   * Gives QEMU the next part of the state, as far as it takes it now; does not wait. From the first
   * part on QEMU cannot take the state of another guest.
   *
   * @throws IOException if QEMU has ended
   */
  public void add(byte[] part) throws IOException, InterruptedException {
    if (!begun) {
      begun = true;
      monitor.forgetEvents();
      socket.post(LOAD);
      DeviceState.prepareStart(monitor);
    }
    writer.write(part);
  }

  /**
   * Loads the rest of the state. The VM stays paused; {@code cont} starts it.
   *
   * <p>Devices read guest memory while they load: the rings of virtio, the option ROM that {@code
   * kvm-tpr-opt} patched. Where that memory is missing, their faults must be served meanwhile, by
   * another thread; zeros fail the load.
   *
   * @throws IOException if QEMU refuses the state: other devices, RAM of another size, another
   *     machine type. The message says so as far as QEMU does
   */
  public void load(byte[] rest) throws IOException, InterruptedException {
    try (writer) {
      add(rest);
      socket.awaitStart(LOAD);
      writer.writeAll(DeviceState.LIMIT);
    }
    try {
      QmpEvent end =
          monitor
              .await(QmpEvent::endsMigration, DeviceState.LIMIT)
              .orElseThrow(() -> DeviceState.timeout("did not load its device state"));
      DeviceState.requireCompleted(monitor, end);
    } catch (IOException e) {
      throw notLoaded(e);
    }
  }

  /**
   * Ends the state, if all of it is in QEMU's socket: {@link #isLoaded} says when it is loaded
   * then, and {@link #load} is not called.
   *
   * @return false if it is not, so that {@link #load} must wait for QEMU
   */
  public boolean end() {
    if (!begun || !writer.isWritten()) {
      return false;
    }
    writer.close();
    return true;
  }

  /**
   * After {@link #end}: as {@link #load}, but does not wait. Called when there is something to read
   * from the monitor.
   *
   * @return whether it is loaded
   * @throws IOException if QEMU refuses the state
   */
  public boolean isLoaded() throws IOException, InterruptedException {
    if (!socket.hasStarted(LOAD)) {
      return false;
    }
    try {
      Optional<QmpEvent> end = monitor.await(QmpEvent::endsMigration, Duration.ZERO);
      if (end.isPresent()) {
        monitor.limitWaits(FOR_REASON);
        DeviceState.requireCompleted(monitor, end.get());
        monitor.endLimit();
      }
      return end.isPresent();
    } catch (IOException e) {
      throw notLoaded(e);
    }
  }

  private static IOException notLoaded(IOException e) {
    return new IOException( // early versions just exit
        e.getMessage()
            + ": it does not load the device state: give it the same machine type, devices, -cpu"
            + " and RAM size as at the source",
        e);
  }

  @Override
  public void close() {
    socket.close();
  }
}
