package io.faultline.dest;

import java.util.Locale;

/**
 * Which memory a destination has the kernel take and clear before the VM is paused. With placement
 * continue alone: a page that is copied into place must not be there before.
 */
public enum Populate {
  /** None: each page when its contents come. */
  NONE,
  /** Huge pages, which the pool has reserved for the VM anyway. */
  HUGE,
  /**
   * All: pages come faster, and the VM takes as much memory as it has RAM, whatever of that it has
   * never used.
   */
  ALL;

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
