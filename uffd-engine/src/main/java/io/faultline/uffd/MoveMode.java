package io.faultline.uffd;

/** Modes of MOVE ({@code UFFDIO_MOVE_MODE_*}). */
public enum MoveMode {
  /** Wake the threads that wait for the pages; a hole in the source is ENOENT. */
  WAKE,
  /** Do not wake; a hole in the source is ENOENT. */
  DONT_WAKE,
  /** Wake; holes in the source are skipped and count as moved. */
  ALLOW_HOLES,
  /** Do not wake; holes in the source are skipped and count as moved. */
  ALLOW_HOLES_DONT_WAKE;

  /** The bits of the ioctl's mode field: DONTWAKE 1, ALLOW_SRC_HOLES 2. */
  public long bits() {
    return ordinal();
  }
}
