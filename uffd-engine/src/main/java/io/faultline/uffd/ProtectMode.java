package io.faultline.uffd;

/** What WRITEPROTECT does ({@code UFFDIO_WRITEPROTECT_MODE_*}). */
public enum ProtectMode {
  /** Lift the protection and wake the threads that wait for it. */
  UNPROTECT,
  /** Write-protect. */
  PROTECT,
  /** Lift the protection, leave the threads asleep. */
  UNPROTECT_DONT_WAKE,
  /** A contradiction, which the kernel refuses with EINVAL. Here so that this can be tested. */
  PROTECT_DONT_WAKE;

  /** The bits of the ioctl's mode field: WP 1, DONTWAKE 2. */
  public long bits() {
    return ordinal();
  }
}
