package io.faultline.cli.options;

/** What {@code --dirty-log} can say. */
public enum DirtyLogChoice {
  /** The VM's own: the dirty bits of its MMU, or the log of KVM. */
  VM,
  /** Asynchronous write protection by userfaultfd, read back with PAGEMAP_SCAN. */
  WRITE_PROTECT;

  /** As on the command line. */
  @Override
  public String toString() {
    return this == VM ? "vm" : "write-protect";
  }
}
