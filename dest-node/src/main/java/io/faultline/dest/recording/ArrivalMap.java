package io.faultline.dest.recording;

/**
 * Guest memory in a fixed number of cells: how many pages of each cell arrived by which way, and
 * when the first and the last of them. One thread writes; others read after it has ended.
 */
final class ArrivalMap {
  /** The most cells: a cell of a VM of 8 GiB has 4 MiB. */
  static final int MAX_CELLS = 2048;

  private final long cellPages;
  private final int cells;
  private final long[][] pages;
  private final long[] firstNanos;
  private final long[] lastNanos;

  ArrivalMap(long totalPages) {
    cellPages = Math.max(1, Math.ceilDiv(totalPages, MAX_CELLS));
    cells = Math.toIntExact(Math.ceilDiv(totalPages, cellPages));
    pages = new long[Way.values().length][cells];
    firstNanos = new long[cells];
    lastNanos = new long[cells];
  }

  /** Pages of a run have arrived. */
  void add(long firstPage, long count, Way way, long nowNanos) {
    long end = firstPage + count;
    for (long page = firstPage; page < end; ) {
      int cell = (int) (page / cellPages);
      long next = Math.min(end, (cell + 1) * cellPages);
      pages[way.ordinal()][cell] += next - page;
      firstNanos[cell] = firstNanos[cell] == 0 ? nowNanos : firstNanos[cell];
      lastNanos[cell] = nowNanos;
      page = next;
    }
  }

  /** The sum of this map and another one of the same VM. */
  ArrivedCells plus(ArrivalMap other, long totalPages) {
    long[][] sum = new long[pages.length][cells];
    long[] first = new long[cells];
    long[] last = new long[cells];
    for (int cell = 0; cell < cells; cell++) {
      for (int way = 0; way < sum.length; way++) {
        sum[way][cell] = pages[way][cell] + other.pages[way][cell];
      }
      first[cell] = earlier(firstNanos[cell], other.firstNanos[cell]);
      last[cell] = later(lastNanos[cell], other.lastNanos[cell]);
    }
    return new ArrivedCells(totalPages, cellPages, sum, first, last);
  }

  private static long earlier(long a, long b) {
    return a == 0 ? b : b == 0 || a - b < 0 ? a : b;
  }

  private static long later(long a, long b) {
    return a == 0 ? b : b == 0 || a - b > 0 ? a : b;
  }
}
