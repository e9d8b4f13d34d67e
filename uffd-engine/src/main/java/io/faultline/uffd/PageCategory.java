package io.faultline.uffd;

import java.util.Set;

/** The page states that PAGEMAP_SCAN reports ({@code PAGE_IS_*} in {@code linux/fs.h}). */
public enum PageCategory implements MaskBit {
  WP_ALLOWED,
  WRITTEN,
  FILE,
  PRESENT,
  SWAPPED,
  PFN_ZERO,
  HUGE,
  SOFT_DIRTY,
  GUARD;

  @Override
  public long bit() {
    return 1L << ordinal();
  }

  /** The bit mask of a set. */
  public static long mask(Set<PageCategory> categories) {
    return MaskBit.mask(categories);
  }

  /** The set of a bit mask, without bits that this version does not know. */
  public static Set<PageCategory> ofMask(long mask) {
    return MaskBit.ofMask(PageCategory.class, mask);
  }
}
