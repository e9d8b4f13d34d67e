package io.faultline.uffd;

/** Advice for a range of a mapping (madvise(2)). */
public enum Advice {
  /** Read the pages from the file ahead of their use. */
  WILL_NEED(3),
  /** Drop the pages; those of a shared file only from this mapping. */
  DONT_NEED(4),
  /** Drop the pages when memory is short. */
  FREE(8),
  /** Drop the pages from the file. */
  REMOVE(9),
  /** Do not inherit the range in forked children. */
  DONT_FORK(10),
  /** Use transparent huge pages. */
  HUGE_PAGE(14),
  /** Do not use transparent huge pages. */
  NO_HUGE_PAGE(15),
  /** Exclude the range from core dumps. */
  DONT_DUMP(16),
  /** Fill the page tables as stores would, without changing contents (since Linux 5.14). */
  POPULATE_WRITE(23),
  /** Collapse the range into transparent huge pages now. */
  COLLAPSE(25);

  private final int number;

  Advice(int number) {
    this.number = number;
  }

  /** The number, the same on x86-64 and aarch64 ({@code asm-generic/mman-common.h}). */
  public int number() {
    return number;
  }
}
