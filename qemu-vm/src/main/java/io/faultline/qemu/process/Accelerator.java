package io.faultline.qemu.process;

/** How a QEMU runs the vCPUs of its guest. */
public enum Accelerator {
  /** By binary translation, anywhere. */
  TCG("tcg"),
  /** On the processor, where there is {@code /dev/kvm}. */
  KVM("kvm");

  private final String text;

  Accelerator(String text) {
    this.text = text;
  }

  /** As QEMU and the command line call it. */
  @Override
  public String toString() {
    return text;
  }
}
