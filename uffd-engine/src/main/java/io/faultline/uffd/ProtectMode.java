package io.faultline.uffd;

/** Modes of WRITEPROTECT ({@code UFFDIO_WRITEPROTECT_MODE_*}). */
public enum ProtectMode {
  /** Remove the protection and wake the threads that wait for that. */
  UNPROTECT,
  /** Write-protect. */
  PROTECT,
  /** Remove the protection, do not wake the threads. */
  UNPROTECT_DONT_WAKE,
  /** Invalid: the kernel refuses it with EINVAL. Exists so that this can be tested. */
  PROTECT_DONT_WAKE;

  /** The bits of the ioctl's mode field: WP 1, DONTWAKE 2. */
  public long bits() {
    return ordinal();
  }
}
