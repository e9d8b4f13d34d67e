package io.faultline.demo.kvm.linux;

/** The model-specific registers that this module knows by name (Intel SDM volume 4). */
public final class Msrs {
  /** The time stamp counter. */
  public static final int TSC = 0x10;

  private Msrs() {}

  /** Human-readable: {@code MSR 0x10}. */
  public static String name(int index) {
    return String.format("MSR 0x%x", index);
  }
}
