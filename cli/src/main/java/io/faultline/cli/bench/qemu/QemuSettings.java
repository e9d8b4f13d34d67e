package io.faultline.cli.bench.qemu;

/**
 * How QEMU migrates.
 *
 * @param kvm whether the guest runs under KVM, instead of binary translation (TCG)
 * @param huge whether guest memory has 2 MiB pages instead of 4 KiB pages
 * @param preempt whether requested pages have their own connection (postcopy-preempt, QEMU 7.1)
 * @param bytesPerSecond bandwidth limit for memory; 0 for none
 */
public record QemuSettings(boolean kvm, boolean huge, boolean preempt, long bytesPerSecond) {
  /**
   * @throws IllegalArgumentException if the rate is negative
   */
  public QemuSettings {
    if (bytesPerSecond < 0) {
      throw new IllegalArgumentException("rate is negative: " + bytesPerSecond + " bytes/s");
    }
  }
}
