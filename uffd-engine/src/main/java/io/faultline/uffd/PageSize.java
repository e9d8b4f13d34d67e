package io.faultline.uffd;

/** Page sizes of mappings. */
public enum PageSize {
  /** The base page of the machine, 4 KiB on x86-64. */
  BASE(0),
  /** hugetlb, 2 MiB. */
  HUGE_2M(21),
  /** hugetlb, 1 GiB. */
  HUGE_1G(30);

  private final int shift;

  PageSize(int shift) {
    this.shift = shift;
  }

  /** Whether pages come from a hugetlb pool. */
  public boolean isHuge() {
    return this != BASE;
  }

  /** log2 of the size; 0 for {@link #BASE}, whose size {@link Kernel#pageSizeBytes} returns. */
  public int shift() {
    return shift;
  }
}
