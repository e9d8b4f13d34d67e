package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.OutgoingDeviceState;
import io.faultline.qemu.state.StatePartSink;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stops a guest in QEMU and takes its state, over QEMU's monitor: what the guest waits for at the
 * source. Used by one thread at a time.
 */
final class GuestDeparture implements AutoCloseable {
  private final QmpConnection monitor;
  private @Nullable OutgoingDeviceState state;
  private StatePartSink parts = StatePartSink.NONE;

  GuestDeparture(QmpConnection monitor) {
    this.monitor = monitor;
  }

  /** Who gets the state, part by part, while QEMU writes it. */
  void passStateTo(Consumer<ByteString> to) {
    parts = (bytes, count) -> to.accept(ByteString.copyFrom(bytes, 0, count));
  }

  /**
   * Lets QEMU begin a migration of its own, and waits until that has stopped the guest.
   *
   * @return when it had, on the clock of {@link System#nanoTime}
   * @throws IOException if QEMU refuses
   */
  long stop() throws IOException, InterruptedException {
    OutgoingDeviceState begun = OutgoingDeviceState.begin(monitor, parts);
    state = begun;
    return begun.awaitStop();
  }

  /** Whether the guest ran before {@link #stop}. */
  boolean hasStoppedGuest() {
    return begun().hasStoppedVm();
  }

  /**
   * Waits for all of the state.
   *
   * @param running whether the guest is to run at the destination
   * @throws IOException if QEMU does not give it
   */
  ByteString take(boolean running) throws IOException, InterruptedException {
    return new GuestState(running, ByteString.copyFrom(begun().take())).encode();
  }

  private OutgoingDeviceState begun() {
    return Objects.requireNonNull(state, "not paused");
  }

  /** QEMU cannot write any more. */
  @Override
  public void close() {
    OutgoingDeviceState begun = state;
    if (begun != null) {
      begun.close();
      state = null;
    }
  }
}
