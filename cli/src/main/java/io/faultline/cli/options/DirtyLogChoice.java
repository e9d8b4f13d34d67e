package io.faultline.cli.options;

/** Values of {@code --dirty-log}: what tracks the VM's writes during precopy rounds. */
public enum DirtyLogChoice {
  /** The VM itself: the dirty bits of its MMU, or KVM's dirty log. */
  VM,
  /** userfaultfd's asynchronous write protection, read with PAGEMAP_SCAN. */
  WRITE_PROTECT;

  /** As on the command line. */
  @Override
  public String toString() {
    return this == VM ? "vm" : "write-protect";
  }
}
