package io.faultline.snapshot.file;

import java.util.Arrays;

/**
 * Where the base pages of one region are: runs in the order of pages, which cover the region
 * without gaps. Immutable, thread-safe; a lookup allocates nothing.
 */
public final class PageRuns {
  /** In place of a file offset: the pages are zeros. */
  public static final long ZERO = 0;

  /** In place of a file offset: the pages are those of the base. */
  public static final long IN_BASE = 1;

  private final long[] ends;
  private final long[] offsets;

  /**
   * @param ends the first page after each run, ascending
   * @param offsets of each run: in the file, or {@link #ZERO} or {@link #IN_BASE}
   */
  PageRuns(long[] ends, long[] offsets) {
    this.ends = ends;
    this.offsets = offsets;
  }

  /** The number of runs. */
  public int count() {
    return ends.length;
  }

  /** The first page of a run. */
  public long firstPage(int run) {
    return run == 0 ? 0 : ends[run - 1];
  }

  /** The first page after a run. */
  public long endPage(int run) {
    return ends[run];
  }

  /** Where the first page of a run is in the file; or {@link #ZERO} or {@link #IN_BASE}. */
  public long fileOffset(int run) {
    return offsets[run];
  }

  /** Whether the pages of a run are in the file itself. */
  public boolean isData(int run) {
    return offsets[run] > IN_BASE;
  }

  /** The number of pages of the region. */
  public long pageCount() {
    return ends[ends.length - 1];
  }

  /**
   * The run that has a page.
   *
   * @throws IndexOutOfBoundsException if the region has no such page
   */
  public int runOf(long page) {
    if (page < 0 || page >= pageCount()) {
      throw new IndexOutOfBoundsException("page " + page + " of " + pageCount());
    }
    int found = Arrays.binarySearch(ends, page + 1);
    return found >= 0 ? found : -found - 1;
  }
}
