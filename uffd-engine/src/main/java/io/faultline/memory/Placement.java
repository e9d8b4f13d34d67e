package io.faultline.memory;

import java.util.Locale;

/** How received pages are placed into guest memory. */
public enum Placement {
  /** UFFDIO_COPY and UFFDIO_ZEROPAGE, for any backing. The kernel refuses to place a page twice. */
  COPY,
  /**
   * For shared backings: writes the contents through the transfer mapping, then maps the page into
   * the guest with UFFDIO_CONTINUE. Pages from precopy can stay in place, and parts of a huge page
   * can be updated.
   */
  CONTINUE;

  /** Whether pages of this backing can be placed this way. */
  public boolean supports(Backing backing) {
    return this == COPY || backing.isShared();
  }

  /** The name on the command line: {@code copy}, {@code continue}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
