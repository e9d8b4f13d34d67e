package io.faultline.uffd.linux;

import java.lang.foreign.StructLayout;

/**
 * {@code struct uffdio_api}, {@code include/uapi/linux/userfaultfd.h}.
 *
 * <pre>
 *  0        8          16       24
 *  +--------+----------+--------+
 *  | api    | features | ioctls |
 *  +--------+----------+--------+
 * </pre>
 *
 * {@code api} is 0xAA; {@code features} goes in as those wanted and comes back as those the kernel
 * has; {@code ioctls} comes back.
 */
final class UffdioApi {
  static final long IOCTL = 0xc018aa3fL;
  static final long VERSION = 0xAAL;

  static final StructLayout LAYOUT = Layouts.longs("api", "features", "ioctls");
  static final long API = Layouts.offset(LAYOUT, "api");
  static final long FEATURES = Layouts.offset(LAYOUT, "features");
  static final long IOCTLS = Layouts.offset(LAYOUT, "ioctls");

  static {
    Layouts.checkIoctlSize(LAYOUT, IOCTL);
  }

  private UffdioApi() {}
}
