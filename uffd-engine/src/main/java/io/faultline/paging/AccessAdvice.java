package io.faultline.paging;

/** How an application is about to access a range or a region. */
public enum AccessAdvice {
  /** Streams are recognised; single accesses read single pages. The default. */
  NORMAL,
  /** Every access reads a single page. For a whole region. */
  RANDOM,
  /**
   * Every access continues a stream forward: it is read in the widest windows from the start, and
   * pages that a stream has passed leave before all others. For a whole region.
   */
  SEQUENTIAL,
  /** Read the range now, as far as the buffer has room. */
  WILL_NEED,
  /** Drop the pages of the range that equal the store. Contents do not change. */
  DONT_NEED
}
