package io.faultline.uffd;

import java.util.EnumSet;
import java.util.Set;

/** The page states that PAGEMAP_SCAN reports ({@code PAGE_IS_*} in {@code linux/fs.h}). */
public enum PageCategory {
  WP_ALLOWED,
  WRITTEN,
  FILE,
  PRESENT,
  SWAPPED,
  PFN_ZERO,
  HUGE,
  SOFT_DIRTY,
  GUARD;

  private static final PageCategory[] VALUES = values();

  public long bit() {
    return 1L << ordinal();
  }

  /** The bit mask of a set. */
  public static long mask(Set<PageCategory> categories) {
    long mask = 0;
    for (PageCategory category : categories) {
      mask |= category.bit();
    }
    return mask;
  }

  /** The set of a bit mask, without bits that this version does not know. */
  public static Set<PageCategory> ofMask(long mask) {
    Set<PageCategory> categories = EnumSet.noneOf(PageCategory.class);
    for (PageCategory category : VALUES) {
      if ((mask & category.bit()) != 0) {
        categories.add(category);
      }
    }
    return categories;
  }
}
