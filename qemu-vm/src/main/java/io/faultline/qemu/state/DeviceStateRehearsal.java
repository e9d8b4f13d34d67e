package io.faultline.qemu.state;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.linux.process.DescriptorPair;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes and loads device states of a QEMU that is made up, before a real VM is paused: so that the
 * JVM has loaded and compiled the code that the guest waits for. Without it that code takes some
 * milliseconds.
 */
public final class DeviceStateRehearsal {
  /** A method is compiled after 200 calls, and most are called several times in each. */
  private static final int ROUNDS = 100;

  private static final Path NOWHERE = Path.of("rehearsal");
  private static final Duration LIMIT = Duration.ofMillis(500);

  private DeviceStateRehearsal() {}

  /**
   * Rehearses for at most half a second.
   *
   * @throws IOException if the rehearsal fails: no reason not to migrate
   */
  public static void run() throws IOException, InterruptedException {
    DescriptorPair ends = DescriptorPair.open();
    Thread qemu = Thread.ofPlatform().daemon().name("rehearsed-qemu").unstarted(() -> serve(ends));
    qemu.start();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    try (QmpConnection monitor = QmpConnection.over(ends.one(), NOWHERE)) {
      for (int round = 0; round < ROUNDS && deadline - System.nanoTime() > 0; round++) {
        move(monitor, round % 2 == 0);
      }
    }
    qemu.join();
  }

  private static void serve(DescriptorPair ends) {
    try (RehearsedQemu qemu = new RehearsedQemu(ends.other())) {
      qemu.serve();
    } catch (IOException e) {
      // the other end sees that it is closed
    }
  }

  /**
   * @param polled whether the end of the load is polled for, instead of waited
   */
  private static void move(QmpConnection monitor, boolean polled)
      throws IOException, InterruptedException {
    List<byte[]> parts = new ArrayList<>();
    StatePartSink sink = (bytes, count) -> parts.add(Arrays.copyOf(bytes, count));
    try (OutgoingDeviceState state = OutgoingDeviceState.begin(monitor, sink)) {
      var _ = state.awaitStop();
      var _ = state.take();
    }
    try (IncomingDeviceState state = IncomingDeviceState.open(monitor)) {
      for (byte[] part : parts) {
        state.add(part);
      }
      if (polled && state.end()) {
        awaitLoaded(state);
      } else {
        state.load(new byte[0]);
      }
    }
    DeviceState.start(monitor);
    var _ = DeviceState.awaitStart(monitor);
  }

  private static void awaitLoaded(IncomingDeviceState state)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!state.isLoaded()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("the rehearsed QEMU does not load its state");
      }
      Thread.sleep(1);
    }
  }
}
