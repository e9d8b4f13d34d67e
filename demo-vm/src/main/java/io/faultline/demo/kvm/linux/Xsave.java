package io.faultline.demo.kvm.linux;

/**
 * The start of the extended processor state ({@code struct kvm_xsave}, asm/kvm.h; its contents:
 * Intel SDM volume 1, 13.4).
 *
 * <pre>
 *  0           160            416        512        576
 *  +-----------+--------------+----------+----------+-------------
 *  | x87, mxcsr| xmm0 ... 15  | reserved | header   | extended ...
 *  +-----------+--------------+----------+----------+-------------
 * </pre>
 */
public final class Xsave {
  static final int MIN_SIZE = 4096;

  private static final int XMM = 160;
  private static final int XMM_BYTES = 16;

  private Xsave() {}

  /** The low 64 bits of a vector register, 0 to 15. */
  public static long xmmLow(byte[] xsave, int register) {
    return StateBytes.getLong(xsave, XMM + register * XMM_BYTES);
  }
}
