package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;

/**
 * The state of a guest as it is sent: what QEMU wrote, then whether the guest ran, in the last
 * byte. A guest that its user had paused before the migration stays paused at the destination.
 *
 * @param running whether the guest ran before it was stopped for the migration
 * @param ofDevices of QEMU's devices and vCPUs
 */
record GuestState(boolean running, ByteString ofDevices) {
  /** What follows the state of the devices. */
  static final int END_BYTES = 1;

  private static final byte RUNNING = 'R';
  private static final byte PAUSED = 'P';

  ByteString encode() {
    return ofDevices.concat(ByteString.copyFrom(new byte[] {running ? RUNNING : PAUSED}));
  }

  /**
   * Decodes what a source sent, or the end of it.
   *
   * @throws IllegalArgumentException if it is not such a state
   */
  static GuestState decode(ByteString bytes) {
    int devices = bytes.size() - END_BYTES;
    byte last = bytes.isEmpty() ? 0 : bytes.byteAt(devices);
    if (last != RUNNING && last != PAUSED) {
      throw new IllegalArgumentException(
          "the state of the guest ends with byte " + last + ": another version wrote it");
    }
    return new GuestState(last == RUNNING, bytes.substring(0, devices));
  }
}
