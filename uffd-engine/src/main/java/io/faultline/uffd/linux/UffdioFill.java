package io.faultline.uffd.linux;

import java.lang.foreign.StructLayout;

/**
 * {@code struct uffdio_zeropage}, {@code uffdio_continue} and {@code uffdio_poison}, which have the
 * same shape, and {@code uffdio_writeprotect}, which lacks the last field.
 *
 * <pre>
 *  0        8        16       24       32
 *  +--------+--------+--------+--------+
 *  | start  | len    | mode   | done   |
 *  +--------+--------+--------+--------+
 * </pre>
 *
 * {@code done} ({@code zeropage}, {@code mapped}, {@code updated}) is output: bytes done, or a
 * negative error number.
 */
final class UffdioFill {
  static final long ZEROPAGE = 0xc020aa04L;
  static final long CONTINUE = 0xc020aa07L;
  static final long POISON = 0xc020aa08L;
  static final long WRITEPROTECT = 0xc018aa06L;

  static final StructLayout LAYOUT = Layouts.longs("start", "len", "mode", "done");
  static final long START = Layouts.offset(LAYOUT, "start");
  static final long LENGTH = Layouts.offset(LAYOUT, "len");
  static final long MODE = Layouts.offset(LAYOUT, "mode");
  static final long DONE = Layouts.offset(LAYOUT, "done");

  static {
    Layouts.checkIoctlSize(LAYOUT, ZEROPAGE);
    Layouts.checkIoctlSize(LAYOUT, CONTINUE);
    Layouts.checkIoctlSize(LAYOUT, POISON);
    Layouts.checkIoctlSize(Layouts.longs("start", "len", "mode"), WRITEPROTECT);
  }

  private UffdioFill() {}
}
