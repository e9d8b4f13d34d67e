package io.faultline.uffd;

import java.util.Set;

/**
 * A query of PAGEMAP_SCAN ({@code struct pm_scan_arg}). A page matches if it has all categories in
 * {@code all} and, unless {@code anyOf} is empty, at least one in {@code anyOf}; for categories in
 * {@code inverted} the page must lack the category instead.
 *
 * @param all categories that must all match
 * @param inverted categories whose sense is inverted
 * @param anyOf categories of which at least one must match
 * @param returned categories to report
 * @param writeProtectMatching whether to write-protect matching pages, atomically with reading them
 * @param checkWriteProtectAsync whether to fail with EPERM on a mapping without {@link
 *     Feature#WP_ASYNC}
 * @param maxPages the maximum number of base pages to match, 0 for no limit; a huge page counts as
 *     all of its base pages, and is never protected in part
 */
public record PagemapQuery(
    Set<PageCategory> all,
    Set<PageCategory> inverted,
    Set<PageCategory> anyOf,
    Set<PageCategory> returned,
    boolean writeProtectMatching,
    boolean checkWriteProtectAsync,
    long maxPages) {

  /** Pages that are mapped or swapped out. */
  public static final PagemapQuery PRESENT_OR_SWAPPED =
      new PagemapQuery(
          Set.of(),
          Set.of(),
          Set.of(PageCategory.PRESENT, PageCategory.SWAPPED),
          Set.of(),
          false,
          false,
          0);

  /** Pages written since they were last protected; protects them again atomically. */
  public static final PagemapQuery GET_AND_CLEAR_WRITTEN =
      new PagemapQuery(
          Set.of(PageCategory.WRITTEN),
          Set.of(),
          Set.of(),
          Set.of(PageCategory.WRITTEN),
          true,
          true,
          0);

  public PagemapQuery {
    all = Set.copyOf(all);
    inverted = Set.copyOf(inverted);
    anyOf = Set.copyOf(anyOf);
    returned = Set.copyOf(returned);
  }
}
