package io.faultline.uffd;

import java.util.Set;

/**
 * The ioctls that the kernel may allow on a registered range or on the userfaultfd itself ({@code
 * _UFFDIO_*} in {@code include/uapi/linux/userfaultfd.h}).
 */
public enum UffdIoctl implements MaskBit {
  REGISTER(0x00),
  UNREGISTER(0x01),
  WAKE(0x02),
  COPY(0x03),
  ZEROPAGE(0x04),
  MOVE(0x05),
  WRITEPROTECT(0x06),
  CONTINUE(0x07),
  POISON(0x08),
  API(0x3f);

  private final int number;

  UffdIoctl(int number) {
    this.number = number;
  }

  /** The ioctl's bit in the masks that UFFDIO_API and UFFDIO_REGISTER report. */
  @Override
  public long bit() {
    return 1L << number;
  }

  /** The bit mask of a set. */
  public static long mask(Set<UffdIoctl> ioctls) {
    return MaskBit.mask(ioctls);
  }

  /** The set of a bit mask, without bits that this version does not know. */
  public static Set<UffdIoctl> ofMask(long mask) {
    return MaskBit.ofMask(UffdIoctl.class, mask);
  }
}
