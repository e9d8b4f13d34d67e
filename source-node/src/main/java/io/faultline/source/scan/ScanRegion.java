package io.faultline.source.scan;

import io.faultline.memory.PageBitmap;

/**
 * A region of guest memory that is being sent. Its <i>units</i> are what the destination can place
 * at a time: a page of the backing with COPY, a base page with CONTINUE.
 */
public interface ScanRegion {
  /**
   * Generations of hot units, by when they were written before the switchover: in the last sampling
   * period of the dirty log, in some periods before it, and any time since logging started.
   */
  int HOT_GENERATIONS = 3;

  /** A set without any page. */
  PageBitmap NONE = new PageBitmap(0);

  /** The units that were claimed for sending, or need not be sent. Shared by all loops. */
  PageBitmap sent();

  /**
   * The units written shortly before the switchover.
   *
   * @param generation 0 for the most recent, below {@link #HOT_GENERATIONS}
   */
  PageBitmap hot(int generation);

  /**
   * The units that the guest is expected to need soon, such as the working set of a snapshot. None
   * by default.
   */
  default PageBitmap expected() {
    return NONE;
  }

  /** Base pages per unit. */
  int unitPages();

  /** Bytes per unit. */
  long unitBytes();

  /** Units per page of the backing, which is what the guest requests. */
  int unitsPerPage();
}
