package io.faultline.qemu.state;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.qmp.QmpEvent;
import java.io.IOException;

/**
 * Takes the device state of a QEMU. QEMU begins its own migration while the VM runs, and stops the
 * VM only when all that is left is the state: so the set-up of that migration, some milliseconds,
 * is no part of the pause. Used by the thread of the monitor.
 */
public final class OutgoingDeviceState implements AutoCloseable {
  private static final String STOP = "STOP";

  private final QmpConnection monitor;
  private final StateReader reader;
  private boolean stoppedVm;

  private OutgoingDeviceState(QmpConnection monitor, StateReader reader) {
    this.monitor = monitor;
    this.reader = reader;
  }

  /**
   * Lets QEMU begin. The VM runs on, until {@link #awaitStop} returns or this is closed and {@link
   * DeviceState#resume} called.
   *
   * @param sink gets the state while {@link #awaitStop} and {@link #take} wait for more
   * @throws IOException if QEMU refuses
   */
  public static OutgoingDeviceState begin(QmpConnection monitor, StatePartSink sink)
      throws IOException, InterruptedException {
    monitor.forgetEvents();
    StateSocket socket = StateSocket.open(monitor);
    try {
      socket.start("migrate");
      return new OutgoingDeviceState(monitor, new StateReader(socket.connection(), sink));
    } catch (IOException | InterruptedException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Waits until the VM has stopped.
   *
   * @return when it had, on the clock of {@link System#nanoTime}
   * @throws IOException if QEMU does not stop it
   */
  public long awaitStop() throws IOException, InterruptedException {
    QmpEvent event =
        monitor
            .await(
                each -> each.name().equals(STOP) || each.endsMigration(), DeviceState.LIMIT, reader)
            .orElseThrow(() -> late("does not stop the VM"));
    if (event.endsMigration()) { // without STOP, if the VM had been paused before
      DeviceState.requireCompleted(monitor, event);
    }
    stoppedVm = !event.endsMigration();
    return event.nanoTime();
  }

  /** Whether the VM ran before QEMU stopped it. After {@link #awaitStop}. */
  public boolean hasStoppedVm() {
    return stoppedVm;
  }

  /**
   * Waits for all of the state.
   *
   * @throws IOException if QEMU does not give it
   */
  public byte[] take() throws IOException, InterruptedException {
    QmpEvent end =
        monitor
            .await(QmpEvent::endsMigration, DeviceState.LIMIT, reader)
            .orElseThrow(() -> late("does not give its device state"));
    DeviceState.requireCompleted(monitor, end);
    reader.read(); // QEMU reports the end after it has written everything
    return reader.bytes();
  }

  private static IOException late(String what) {
    return new IOException("QEMU " + what + " in time");
  }

  /** QEMU cannot write any more: its own migration fails if it has not ended. */
  @Override
  public void close() {
    reader.close();
  }
}
