package io.faultline.uffd.linux;

import java.lang.foreign.StructLayout;

/**
 * {@code struct uffdio_range}, the argument of UNREGISTER and WAKE.
 *
 * <pre>
 *  0        8        16
 *  +--------+--------+
 *  | start  | len    |
 *  +--------+--------+
 * </pre>
 */
final class UffdioRange {
  static final long UNREGISTER = 0x8010aa01L;
  static final long WAKE = 0x8010aa02L;

  static final StructLayout LAYOUT = Layouts.longs("start", "len");
  static final long START = Layouts.offset(LAYOUT, "start");
  static final long LENGTH = Layouts.offset(LAYOUT, "len");

  static {
    Layouts.checkIoctlSize(LAYOUT, UNREGISTER);
    Layouts.checkIoctlSize(LAYOUT, WAKE);
  }

  private UffdioRange() {}
}
