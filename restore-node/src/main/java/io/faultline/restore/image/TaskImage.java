package io.faultline.restore.image;

import io.faultline.restore.space.DumpLayout;

/** The lazy pages of one process, and where their contents are. Immutable, thread-safe. */
public final class TaskImage {
  private final DumpLayout layout;
  private final PageExtents extents;
  private final boolean wide;

  TaskImage(int pid, PageExtents extents, boolean wide) {
    this.extents = extents;
    this.wide = wide;
    layout = extents.layout(pid);
  }

  /** The lazy pages: what is requested from an origin. No extent crosses a memory area. */
  public DumpLayout layout() {
    return layout;
  }

  /** Where the contents of each extent of the {@link #layout} are, with the same numbers. */
  public PageExtents extents() {
    return extents;
  }

  /**
   * Whether the images were written by CRIU 4.2 or later. A page server of the same dump uses
   * headers of 32 bytes then, else of 24.
   */
  public boolean isWide() {
    return wide;
  }
}
