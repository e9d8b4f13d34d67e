package io.faultline.uffd;

import java.util.Set;

/** Which faults in a registered range become events ({@code UFFDIO_REGISTER_MODE_*}). */
public enum RegisterMode {
  /** The page does not exist. Resolve with copy, zeropage, move or poison. */
  MISSING,
  /** The page is present, but write-protected. Resolve with write-protect. */
  WRITE_PROTECT,
  /** The page is in the page cache, but not mapped here. Resolve with continue. */
  MINOR;

  /** The mode's bit in {@code struct uffdio_register.mode}. */
  public long bit() {
    return 1L << ordinal();
  }

  /** The bit mask of a set. */
  public static long mask(Set<RegisterMode> modes) {
    long mask = 0;
    for (RegisterMode mode : modes) {
      mask |= mode.bit();
    }
    return mask;
  }
}
