package io.faultline.source.snapshot;

import io.faultline.memory.PageBitmap;

/** The pages of a working set as they are sent: with the short gaps between them. */
final class ExpectedPages {
  /** A run of its own costs more than these pages, which will be sent anyway. */
  private static final long MAX_GAP = 4;

  private ExpectedPages() {}

  /**
   * A copy, in which gaps of up to {@value #MAX_GAP} pages are filled.
   *
   * @param set of one region
   */
  static PageBitmap of(PageBitmap set) {
    PageBitmap filled = new PageBitmap(set.pageCount());
    long first = set.nextSet(0);
    while (first < set.pageCount()) {
      long end = set.nextClear(first);
      long next = set.nextSet(end);
      boolean joins = next < set.pageCount() && next - end <= MAX_GAP;
      filled.set(first, joins ? next : end);
      first = next;
    }
    return filled;
  }
}
