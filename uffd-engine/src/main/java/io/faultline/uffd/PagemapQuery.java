package io.faultline.uffd;

import java.util.Set;

/**
 * What to look for with PAGEMAP_SCAN ({@code struct pm_scan_arg}). A page matches when it has all
 * of {@code all} (those of them in {@code inverted} are to be absent instead) and, unless {@code
 * anyOf} is empty, one of {@code anyOf}.
 *
 * @param all categories that all have to hold
 * @param inverted categories whose sense is turned round
 * @param anyOf categories of which one has to hold
 * @param returned categories that are reported
 * @param writeProtectMatching whether to write-protect what matches, in one step with reading it
 * @param checkWriteProtectAsync whether to fail with EPERM on a mapping without {@link
 *     Feature#WP_ASYNC}
 * @param maxPages the most base pages to match, 0 for no limit; a huge page counts as all the base
 *     pages in it, and is not protected in part
 */
public record PagemapQuery(
    Set<PageCategory> all,
    Set<PageCategory> inverted,
    Set<PageCategory> anyOf,
    Set<PageCategory> returned,
    boolean writeProtectMatching,
    boolean checkWriteProtectAsync,
    long maxPages) {

  /** The pages that are there. */
  public static final PagemapQuery PRESENT_OR_SWAPPED =
      new PagemapQuery(
          Set.of(),
          Set.of(),
          Set.of(PageCategory.PRESENT, PageCategory.SWAPPED),
          Set.of(),
          false,
          false,
          0);

  /** The pages written since they were last protected, protected again in the same step. */
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
