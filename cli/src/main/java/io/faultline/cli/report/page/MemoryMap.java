package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import io.faultline.dest.recording.ArrivedCells;
import io.faultline.dest.recording.Way;
import java.util.List;

/**
 * Guest memory as two grids of cells, by address from left to right and from top to bottom: on the
 * left by which way the pages of a cell arrived, each way with its part of the cell; on the right
 * when the last of them did.
 */
final class MemoryMap {
  static final int LEVELS = 10;

  private static final int COLUMNS = 64;
  private static final double CELL = 8;
  private static final double LEFT = 64;
  private static final double GAP = 40;
  private static final double TOP = 24;

  /** From left to right in a cell. */
  private static final List<Way> ORDER =
      List.of(Way.ZERO, Way.CURRENT, Way.PRECOPY, Way.BACKGROUND, Way.PREFETCHED, Way.URGENT);

  private final ArrivedCells cells;
  private final CellShares shares;
  private final long pageBytes;
  private final TimeAxis axis;
  private final int count;
  private final int rows;
  private final long firstNanos;
  private final long lastNanos;

  private MemoryMap(ArrivedCells cells, long pageBytes, TimeAxis axis) {
    this.cells = cells;
    shares = new CellShares(cells);
    this.pageBytes = pageBytes;
    this.axis = axis;
    count = cells.lastNanos().length;
    rows = Math.ceilDiv(count, COLUMNS);
    long first = Long.MAX_VALUE;
    long last = Long.MIN_VALUE;
    for (long nanos : cells.lastNanos()) {
      if (nanos != 0) {
        first = Math.min(first, nanos);
        last = Math.max(last, nanos);
      }
    }
    firstNanos = first;
    lastNanos = last;
  }

  /** Draws it; empty if nothing arrived. */
  static String of(ArrivedCells cells, long pageBytes, TimeAxis axis) {
    MemoryMap map = new MemoryMap(cells, pageBytes, axis);
    return map.firstNanos > map.lastNanos ? "" : map.draw();
  }

  /** What a cell stands for, for the user. */
  static String cellSize(ArrivedCells cells, long pageBytes) {
    return Units.bytes((double) cells.cellPages() * pageBytes);
  }

  private String draw() {
    double second = LEFT + COLUMNS * CELL + GAP;
    double bottom = TOP + rows * CELL;
    Svg svg = new Svg(second + COLUMNS * CELL + 4, bottom + 34, "Map of guest memory");
    svg.group("mark", "memory-map", "cells", Integer.toString(count));
    svg.words("track", "start", LEFT, 13, "By which way");
    svg.words("track", "start", second, 13, "When");
    drawAddresses(svg);
    svg.path("missing", allCells(LEFT)).path("missing", allCells(second));
    for (Way way : ORDER) {
      svg.group("way", Ways.style(way));
      svg.path("w-" + Ways.style(way), parts(way));
      svg.endGroup();
    }
    for (int level = 0; level < LEVELS; level++) {
      svg.path("t" + level, times(level, second));
    }
    svg.endGroup();
    drawTimeLegend(svg, second, bottom + 12);
    return svg.end();
  }

  private void drawAddresses(Svg svg) {
    int step = Math.max(1, Math.ceilDiv(rows, 4));
    for (int row = 0; row < rows; row += step) {
      double bytes = (double) row * COLUMNS * cells.cellPages() * pageBytes;
      svg.words("label", "end", LEFT - 8, y(row) + 8, row == 0 ? "0" : Units.bytes(bytes));
    }
  }

  private String allCells(double left) {
    StringBuilder path = new StringBuilder();
    for (int row = 0; row < rows; row++) {
      int inRow = Math.min(COLUMNS, count - row * COLUMNS);
      rect(path, left, y(row), inRow * CELL);
    }
    return path.toString();
  }

  private String parts(Way way) {
    StringBuilder path = new StringBuilder();
    for (int cell = 0; cell < count; cell++) {
      double all = 0;
      double before = 0;
      for (Way each : ORDER) {
        long pages = shares.pages(each, cell);
        before += ORDER.indexOf(each) < ORDER.indexOf(way) ? pages : 0;
        all += pages;
      }
      long own = shares.pages(way, cell);
      if (own > 0) {
        double x = LEFT + cell % COLUMNS * CELL + CELL * before / all;
        rect(path, x, y(cell / COLUMNS), CELL * own / all);
      }
    }
    return path.toString();
  }

  private String times(int level, double left) {
    StringBuilder path = new StringBuilder();
    for (int cell = 0; cell < count; ) {
      int end = cell + 1;
      while (end < count && end % COLUMNS != 0 && level(end) == level(cell)) {
        end++;
      }
      if (level(cell) == level) {
        rect(path, left + cell % COLUMNS * CELL, y(cell / COLUMNS), (end - cell) * CELL);
      }
      cell = end;
    }
    return path.toString();
  }

  /** -1 for a cell to which nothing came. */
  private int level(int cell) {
    long nanos = cells.lastNanos()[cell];
    if (nanos == 0) {
      return -1;
    }
    double part = (double) (nanos - firstNanos) / Math.max(1, lastNanos - firstNanos);
    return Math.min(LEVELS - 1, (int) (part * LEVELS));
  }

  private static void rect(StringBuilder path, double x, double y, double width) {
    path.append('M').append(Svg.n(x)).append(' ').append(Svg.n(y));
    path.append('h').append(Svg.n(width)).append("v8h-").append(Svg.n(width)).append('z');
  }

  private static double y(int row) {
    return TOP + row * CELL;
  }

  private void drawTimeLegend(Svg svg, double left, double top) {
    double width = COLUMNS * CELL / LEVELS;
    for (int level = 0; level < LEVELS; level++) {
      svg.rect("t" + level, left + level * width, top, width, 6);
    }
    svg.words("label", "start", left, top + 19, axis.format(firstNanos));
    String middle = axis.format((firstNanos + lastNanos) / 2);
    svg.words("label", "middle", left + COLUMNS * CELL / 2, top + 19, middle);
    svg.words("label", "end", left + COLUMNS * CELL, top + 19, axis.format(lastNanos));
  }
}
