package io.faultline.cli.report.page;

import io.faultline.dest.recording.ArrivedCells;
import io.faultline.dest.recording.Way;
import java.util.List;

/**
 * By which way the pages of each cell arrived last, so that each page counts once: of the pages
 * that precopy brought, those that were sent again after the switchover count there.
 */
final class CellShares {
  /** Later ways first: each takes its pages from what the ones before it have left. */
  private static final List<Way> LATEST_FIRST =
      List.of(Way.URGENT, Way.PREFETCHED, Way.BACKGROUND, Way.ZERO, Way.PRECOPY, Way.CURRENT);

  private final long[][] pages;
  private final int cells;

  CellShares(ArrivedCells arrived) {
    cells = arrived.lastNanos().length;
    pages = new long[Way.values().length][cells];
    for (int cell = 0; cell < cells; cell++) {
      long left = sizeOf(arrived, cell);
      for (Way way : LATEST_FIRST) {
        long share = Math.min(left, arrived.pages()[way.ordinal()][cell]);
        pages[way.ordinal()][cell] = share;
        left -= share;
      }
    }
  }

  private static long sizeOf(ArrivedCells arrived, int cell) {
    return Math.min(arrived.cellPages(), arrived.totalPages() - cell * arrived.cellPages());
  }

  /** Pages of a cell. */
  long pages(Way way, int cell) {
    return pages[way.ordinal()][cell];
  }

  /** Pages of all cells. */
  long total(Way way) {
    long sum = 0;
    for (int cell = 0; cell < cells; cell++) {
      sum += pages(way, cell);
    }
    return sum;
  }
}
