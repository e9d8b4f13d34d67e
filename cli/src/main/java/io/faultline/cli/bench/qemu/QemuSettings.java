package io.faultline.cli.bench.qemu;

/**
 * How QEMU migrates.
 *
 * @param huge whether guest memory is of pages of 2 MiB, and not of 4 KiB
 * @param preempt whether requested pages have a connection of their own (QEMU 7.1 and later)
 * @param bytesPerSecond the most for memory; 0 for no limit
 */
public record QemuSettings(boolean huge, boolean preempt, long bytesPerSecond) {
  /**
   * @throws IllegalArgumentException where the rate is negative
   */
  public QemuSettings {
    if (bytesPerSecond < 0) {
      throw new IllegalArgumentException("a rate of " + bytesPerSecond + " bytes/s");
    }
  }
}
