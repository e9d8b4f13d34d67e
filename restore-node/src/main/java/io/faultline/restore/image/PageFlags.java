package io.faultline.restore.image;

/** What an entry of a pagemap says of its pages (CRIU, criu/include/pagemap.h). */
public final class PageFlags {
  /** Unchanged since the dump before: see the images there. */
  public static final int PARENT = 1;

  /** May arrive after the process has started. */
  public static final int LAZY = 2;

  /** The contents are in the pages file. */
  public static final int PRESENT = 4;

  /** All flags. */
  public static final int ALL = PARENT | LAZY | PRESENT;

  private PageFlags() {}
}
