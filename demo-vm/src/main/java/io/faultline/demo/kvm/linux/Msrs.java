package io.faultline.demo.kvm.linux;

/** Model-specific registers that are more than a number to this binding (Intel SDM volume 4). */
public final class Msrs {
  /** The time stamp counter. */
  public static final int TSC = 0x10;

  /** What was added to the time stamp counter. */
  public static final int TSC_ADJUST = 0x3b;

  private Msrs() {}

  /** As the manuals write it. */
  public static String name(int index) {
    return String.format("MSR 0x%x", index);
  }
}
