package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.qemu.state.DeviceStateRehearsal;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Runs what a guest of QEMU waits for while it is paused, before it is paused: so that the JVM has
 * loaded and compiled that code. Cold, it takes some milliseconds.
 */
public final class SwitchoverRehearsal {
  private static final int ROUNDS = 100;
  private static final int STATE_BYTES = 64 << 10;

  private SwitchoverRehearsal() {}

  /**
   * Rehearses for about half a second at most. A failure is no reason not to migrate.
   *
   * @param log gets a line if the rehearsal fails
   */
  public static void tryRun(Consumer<String> log) throws InterruptedException {
    try {
      DeviceStateRehearsal.run();
      for (int round = 0; round < ROUNDS; round++) {
        code(new byte[STATE_BYTES]);
      }
    } catch (IOException e) {
      log.accept("continuing without a rehearsal of the switchover: " + e.getMessage());
    }
  }

  private static void code(byte[] ofDevices) throws IOException {
    ByteString sent = new GuestState(true, ByteString.copyFrom(ofDevices)).encode();
    ByteString arrived = ByteString.copyFrom(sent.toByteArray());
    if (GuestState.decode(arrived).ofDevices().toByteArray().length != ofDevices.length) {
      throw new IOException("the state of a guest was not decoded as it was encoded");
    }
  }
}
