package io.faultline.dest.recording;

/** How a fault was resolved. */
public enum FaultKind {
  /** By a page that the source sent in answer to the request for it. */
  URGENT,
  /**
   * By a page that the source had sent before the request reached it: one of the background stream,
   * or one of a longer run on the urgent connection. An answer is always a single page of the
   * backing, so a page that was prefetched alone (for a guest that strides) and requested while it
   * was on its way counts as urgent.
   */
  PREFETCHED,
  /**
   * Without the source: the content was here and only had to be mapped. These are minor faults,
   * which exist with placement continue.
   */
  LOCAL,
  /** It is not known, because the migration ended before, or what resolved it was overwritten. */
  UNKNOWN
}
