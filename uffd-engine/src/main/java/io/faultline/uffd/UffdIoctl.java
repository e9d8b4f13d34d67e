package io.faultline.uffd;

import java.util.EnumSet;
import java.util.Set;

/**
 * The ioctls that the kernel may allow on a registered range or on the userfaultfd itself ({@code
 * _UFFDIO_*} in {@code include/uapi/linux/userfaultfd.h}).
 */
public enum UffdIoctl {
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

  private static final UffdIoctl[] VALUES = values();

  private final int number;

  UffdIoctl(int number) {
    this.number = number;
  }

  /** The ioctl's bit in the masks that UFFDIO_API and UFFDIO_REGISTER report. */
  public long bit() {
    return 1L << number;
  }

  /** The bit mask of a set. */
  public static long mask(Set<UffdIoctl> ioctls) {
    long mask = 0;
    for (UffdIoctl ioctl : ioctls) {
      mask |= ioctl.bit();
    }
    return mask;
  }

  /** The set of a bit mask, without bits that this version does not know. */
  public static Set<UffdIoctl> ofMask(long mask) {
    Set<UffdIoctl> ioctls = EnumSet.noneOf(UffdIoctl.class);
    for (UffdIoctl ioctl : VALUES) {
      if ((mask & ioctl.bit()) != 0) {
        ioctls.add(ioctl);
      }
    }
    return ioctls;
  }
}
