package io.faultline.uffd.linux;

import java.lang.foreign.StructLayout;

/**
 * {@code struct uffdio_register}.
 *
 * <pre>
 *  0        8        16       24       32
 *  +--------+--------+--------+--------+
 *  | start  | len    | mode   | ioctls |
 *  +--------+--------+--------+--------+
 * </pre>
 *
 * {@code ioctls} is output: the ioctls that are allowed on the range.
 */
final class UffdioRegister {
  static final long IOCTL = 0xc020aa00L;

  static final StructLayout LAYOUT = Layouts.longs("start", "len", "mode", "ioctls");
  static final long START = Layouts.offset(LAYOUT, "start");
  static final long LENGTH = Layouts.offset(LAYOUT, "len");
  static final long MODE = Layouts.offset(LAYOUT, "mode");
  static final long IOCTLS = Layouts.offset(LAYOUT, "ioctls");

  static {
    Layouts.checkIoctlSize(LAYOUT, IOCTL);
  }

  private UffdioRegister() {}
}
