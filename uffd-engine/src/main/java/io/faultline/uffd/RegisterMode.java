package io.faultline.uffd;

import java.util.Set;

/** Which faults in a registered range become events ({@code UFFDIO_REGISTER_MODE_*}). */
public enum RegisterMode implements MaskBit {
  /** The page does not exist. Resolve with copy, zeropage, move or poison. */
  MISSING,
  /** The page is present, but write-protected. Resolve with write-protect. */
  WRITE_PROTECT,
  /** The page is in the page cache, but not mapped here. Resolve with continue. */
  MINOR;

  /** The mode's bit in {@code struct uffdio_register.mode}. */
  @Override
  public long bit() {
    return 1L << ordinal();
  }

  /** The bit mask of a set. */
  public static long mask(Set<RegisterMode> modes) {
    return MaskBit.mask(modes);
  }
}
