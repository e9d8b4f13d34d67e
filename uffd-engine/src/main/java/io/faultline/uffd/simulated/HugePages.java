package io.faultline.uffd.simulated;

import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.PageSize;

/**
 * A pool of huge pages. A page is reserved when it is mapped and taken when it is filled.
 *
 * <p>Thread-safe.
 */
final class HugePages {
  private final PageSize pageSize;
  private final long total;
  private long free;
  private long reserved;

  HugePages(PageSize pageSize, long total) {
    this.pageSize = pageSize;
    this.total = total;
    this.free = total;
  }

  synchronized HugePagePool state() {
    return new HugePagePool(pageSize, total, free, reserved);
  }

  synchronized boolean reserve(long pages) {
    if (free - reserved < pages) {
      return false;
    }
    reserved += pages;
    return true;
  }

  synchronized void unreserve(long pages) {
    reserved -= pages;
  }

  /** Takes a page from the caller's reservation, or from the unreserved pages. */
  synchronized boolean take(boolean hasReservation) {
    if (hasReservation) {
      reserved--;
    } else if (free <= reserved) {
      return false;
    }
    free--;
    return true;
  }

  synchronized void giveBack(long pages) {
    free += pages;
  }
}
