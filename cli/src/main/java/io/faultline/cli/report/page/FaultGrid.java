package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import io.faultline.dest.recording.FaultKind;
import io.faultline.dest.recording.ResolvedFaults;

/**
 * Many faults as a grid of small cells. A cell has the colour of the kind that most of its faults
 * are, and is darker the more they are, on a logarithmic scale.
 */
final class FaultGrid {
  private static final double SIZE = 4;
  private static final int LEVELS = 5;

  private final int[][][] counts;
  private final double top;

  /**
   * @param which the faults to draw
   * @param track places latencies
   */
  FaultGrid(ResolvedFaults faults, int[] which, TimeAxis axis, FaultTrack track, double top) {
    this.top = top;
    int columns = (int) Math.ceil(TimeAxis.WIDTH / SIZE) + 1;
    int rows = (int) Math.ceil(track.height() / SIZE) + 1;
    counts = new int[columns][rows][FaultKind.values().length];
    for (int fault : which) {
      double x = axis.x(faults.readNanos()[fault]) - TimeAxis.LEFT;
      double y = track.y(top, faults.latencyNanos()[fault]) - top;
      counts[(int) (x / SIZE)][(int) (y / SIZE)][faults.kinds()[fault]]++;
    }
  }

  void draw(Svg svg) {
    svg.group("mark", "fault-density");
    for (FaultKind kind : FaultKind.values()) {
      for (int level = 1; level <= LEVELS; level++) {
        String path = cells(kind, level);
        if (!path.isEmpty()) {
          svg.path("d%d f-%s".formatted(level, Ways.style(kind)), path);
        }
      }
    }
    svg.endGroup();
  }

  private String cells(FaultKind kind, int level) {
    StringBuilder path = new StringBuilder();
    for (int column = 0; column < counts.length; column++) {
      for (int row = 0; row < counts[column].length; row++) {
        int[] cell = counts[column][row];
        if (level(cell) == level && most(cell) == kind.ordinal()) {
          path.append('M').append(Svg.n(TimeAxis.LEFT + column * SIZE));
          path.append(' ').append(Svg.n(top + row * SIZE)).append("h4v4h-4z");
        }
      }
    }
    return path.toString();
  }

  /** 0 for an empty cell; from there the number of its faults quadruples with each level. */
  private static int level(int[] cell) {
    int sum = 0;
    for (int count : cell) {
      sum += count;
    }
    return sum == 0 ? 0 : Math.min(LEVELS, 1 + (31 - Integer.numberOfLeadingZeros(sum)) / 2);
  }

  private static int most(int[] cell) {
    int best = 0;
    for (int kind = 1; kind < cell.length; kind++) {
      best = cell[kind] > cell[best] ? kind : best;
    }
    return best;
  }
}
