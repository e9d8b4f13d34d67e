package io.faultline.uffd.simulated;

/**
 * Bits of a page-table entry. Zero is an empty entry; one with other bits but without {@link
 * #PRESENT} is a marker ({@code pte_marker} in {@code include/linux/swapops.h}).
 */
final class Pte {
  static final int NONE = 0;

  /** A page is mapped. */
  static final int PRESENT = 1;

  /** Write-protected by userfaultfd; in a marker: a page mapped here will be. */
  static final int WRITE_PROTECTED = 2;

  /** A marker: an access is a memory error. */
  static final int POISON = 4;

  /** The page is private to the mapping; else it belongs to the page cache. */
  static final int ANONYMOUS = 8;

  /** The page is the zero page of the kernel: a write replaces it. */
  static final int ZERO = 16;

  /** The page is shared with a forked process until one of them writes. */
  static final int FORKED = 32;

  /** The page is part of a transparent huge page. */
  static final int HUGE = 64;

  /** I/O from or to the page is in flight, or the kernel holds it as for that (FOLL_PIN). */
  static final int PINNED = 128;

  private Pte() {}

  static boolean has(int pte, int bit) {
    return (pte & bit) != 0;
  }

  static boolean isPresent(int pte) {
    return has(pte, PRESENT);
  }

  /** Whether no page is mapped: empty or a marker ({@code pte_none_mostly}). */
  static boolean isNoneOrMarker(int pte) {
    return !has(pte, PRESENT);
  }

  /** Whether the entry permits a store, in a shared or private mapping. */
  static boolean isWritable(int pte, boolean shared) {
    int blocking = WRITE_PROTECTED | ZERO | FORKED;
    return isPresent(pte) && (pte & blocking) == 0 && (shared || has(pte, ANONYMOUS));
  }
}
