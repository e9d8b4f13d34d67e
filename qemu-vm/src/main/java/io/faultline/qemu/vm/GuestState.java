package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;

/**
 * The state of a guest as it is sent: whether it runs, in the first byte, then what QEMU wrote. A
 * guest that its user had paused before the migration stays paused at the destination.
 *
 * @param running whether the guest ran before it was stopped for the migration
 * @param ofDevices of QEMU's devices and vCPUs
 */
record GuestState(boolean running, ByteString ofDevices) {
  private static final byte RUNNING = 'R';
  private static final byte PAUSED = 'P';

  ByteString encode() {
    return ByteString.copyFrom(new byte[] {running ? RUNNING : PAUSED}).concat(ofDevices);
  }

  /**
   * Decodes what a source sent.
   *
   * @throws IllegalArgumentException if it is not such a state
   */
  static GuestState decode(ByteString bytes) {
    byte first = bytes.isEmpty() ? 0 : bytes.byteAt(0);
    if (first != RUNNING && first != PAUSED) {
      throw new IllegalArgumentException(
          "the state of the guest begins with byte " + first + ": another version wrote it");
    }
    return new GuestState(first == RUNNING, bytes.substring(1));
  }
}
