package io.faultline.uffd.linux;

import java.lang.foreign.StructLayout;

/**
 * {@code struct uffdio_copy} and {@code struct uffdio_move}, which have the same shape.
 *
 * <pre>
 *  0        8        16       24       32       40
 *  +--------+--------+--------+--------+--------+
 *  | dst    | src    | len    | mode   | done   |
 *  +--------+--------+--------+--------+--------+
 * </pre>
 *
 * {@code done} ({@code copy}, {@code move}) is output: bytes done, or a negative error number.
 */
final class UffdioTransfer {
  static final long COPY = 0xc028aa03L;
  static final long MOVE = 0xc028aa05L;

  static final StructLayout LAYOUT = Layouts.longs("dst", "src", "len", "mode", "done");
  static final long DESTINATION = Layouts.offset(LAYOUT, "dst");
  static final long SOURCE = Layouts.offset(LAYOUT, "src");
  static final long LENGTH = Layouts.offset(LAYOUT, "len");
  static final long MODE = Layouts.offset(LAYOUT, "mode");
  static final long DONE = Layouts.offset(LAYOUT, "done");

  static {
    Layouts.checkIoctlSize(LAYOUT, COPY);
    Layouts.checkIoctlSize(LAYOUT, MOVE);
  }

  private UffdioTransfer() {}
}
