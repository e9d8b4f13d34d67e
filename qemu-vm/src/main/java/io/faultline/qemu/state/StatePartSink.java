package io.faultline.qemu.state;

/** Gets the device state of a QEMU while QEMU writes it. */
public interface StatePartSink {
  /** Ignores it. */
  StatePartSink NONE = (bytes, count) -> {};

  /**
   * Takes the next part.
   *
   * @param bytes begin with the part, and are reused afterwards
   * @param count the length of the part, at least 1
   */
  void part(byte[] bytes, int count);
}
