package io.faultline.uffd;

/**
 * How COPY and CONTINUE fill ({@code UFFDIO_COPY_MODE_*} and {@code UFFDIO_CONTINUE_MODE_*}, which
 * share their bits); ZEROPAGE and POISON take only the first two.
 */
public enum FillMode {
  /** Wake the threads that wait for the filled pages. */
  WAKE,
  /** Leave them asleep, for one {@link Userfaultfd#wake} over many fills. */
  DONT_WAKE,
  /** Map the pages write-protected, and wake. The range must be registered for it. */
  WRITE_PROTECTED,
  /** Map the pages write-protected, and leave the threads asleep. */
  WRITE_PROTECTED_DONT_WAKE;

  /** The bits of the ioctl's mode field: DONTWAKE 1, WP 2. */
  public long bits() {
    return ordinal();
  }
}
