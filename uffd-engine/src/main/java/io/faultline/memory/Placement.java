package io.faultline.memory;

import java.util.Locale;

/** How pages get to where the guest sees them. */
public enum Placement {
  /** UFFDIO_COPY and UFFDIO_ZEROPAGE, for any backing: the kernel refuses a second copy. */
  COPY,
  /**
   * Contents are written through the transfer mapping, then UFFDIO_CONTINUE lets the guest in: for
   * shared backings. What was there before the VM runs can stay, and parts of a huge page can be
   * renewed.
   */
  CONTINUE;

  /** Whether memory of this backing can be placed so. */
  public boolean suits(Backing backing) {
    return this == COPY || backing.isShared();
  }

  /** As on the command line: {@code copy}, {@code continue}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
