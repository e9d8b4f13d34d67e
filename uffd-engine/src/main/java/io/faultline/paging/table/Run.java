package io.faultline.paging.table;

/**
 * Consecutive pages of a region, packed into one {@code long} that is never negative:
 *
 * <pre>
 *   62     51 50                          11 10        0
 *  +---------+------------------------------+-----------+
 *  | region  |  first page                  | count - 1 |
 *  +---------+------------------------------+-----------+
 * </pre>
 */
public final class Run {
  /** The maximum number of pages. */
  public static final int MAX_PAGES = 1 << 11;

  /** The maximum number of regions. */
  public static final int MAX_REGIONS = 1 << 12;

  /** The maximum number of pages of a region. */
  public static final long MAX_REGION_PAGES = 1L << 40;

  private static final int FIRST_SHIFT = 11;
  private static final int REGION_SHIFT = 51;

  private Run() {}

  public static long of(int region, long first, int count) {
    assert region >= 0 && region < MAX_REGIONS : region;
    assert first >= 0 && first < MAX_REGION_PAGES : first;
    assert count >= 1 && count <= MAX_PAGES : count;
    return (long) region << REGION_SHIFT | first << FIRST_SHIFT | (count - 1);
  }

  public static int region(long run) {
    return (int) (run >>> REGION_SHIFT);
  }

  public static long first(long run) {
    return run >>> FIRST_SHIFT & (MAX_REGION_PAGES - 1);
  }

  public static int count(long run) {
    return (int) (run & (MAX_PAGES - 1)) + 1;
  }
}
