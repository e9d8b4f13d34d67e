package io.faultline.dest;

import java.util.Locale;

/**
 * Which memory a destination lets the kernel allocate and clear before the VM is paused. Applies to
 * placement continue only: a page that is copied into place must not be present before.
 */
public enum Populate {
  /** None: each page is allocated when its contents arrive. */
  NONE,
  /** Huge pages only; the pool has reserved them for the VM anyway. */
  HUGE,
  /**
   * All pages. They arrive faster, but the VM occupies as much memory as it has RAM, including
   * pages that it has never used.
   */
  ALL;

  /** The spelling on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
