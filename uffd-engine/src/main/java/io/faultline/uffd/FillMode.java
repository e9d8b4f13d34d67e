package io.faultline.uffd;

/**
 * Modes of COPY and CONTINUE ({@code UFFDIO_COPY_MODE_*} and {@code UFFDIO_CONTINUE_MODE_*}, which
 * share their bits). ZEROPAGE and POISON accept only the first two.
 */
public enum FillMode {
  /** Wake the threads that wait for the filled pages. */
  WAKE,
  /** Do not wake them: for one {@link Userfaultfd#wake} after many fills. */
  DONT_WAKE,
  /** Map the pages write-protected, and wake. The range must be registered for write protection. */
  WRITE_PROTECTED,
  /** Map the pages write-protected, and do not wake. */
  WRITE_PROTECTED_DONT_WAKE;

  /** The bits of the ioctl's mode field: DONTWAKE 1, WP 2. */
  public long bits() {
    return ordinal();
  }
}
