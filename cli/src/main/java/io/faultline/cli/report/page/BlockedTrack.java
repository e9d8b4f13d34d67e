package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import io.faultline.dest.recording.FaultKind;
import io.faultline.dest.recording.ResolvedFaults;
import io.faultline.dest.recording.TimeBuckets;
import java.util.BitSet;
import java.util.List;

/**
 * When the vCPUs waited for pages: a row for each, the darker the larger the part of the time. More
 * than {@value #MOST_ROWS} vCPUs share rows, which show their average. What a vCPU measures is that
 * an access took long; at times when no fault was open that has another reason, usually that it
 * lost its processor, and is grey.
 */
final class BlockedTrack implements Track {
  static final int MOST_ROWS = 32;

  private static final double BIN_PIXELS = 3;
  private static final int LEVELS = 5;

  private final List<TimeBuckets.Series> vcpus;
  private final ResolvedFaults faults;
  private final int perRow;
  private final int rows;
  private final double rowHeight;

  BlockedTrack(List<TimeBuckets.Series> vcpus, ResolvedFaults faults) {
    this.vcpus = vcpus;
    this.faults = faults;
    perRow = Math.ceilDiv(vcpus.size(), MOST_ROWS);
    rows = Math.ceilDiv(vcpus.size(), perRow);
    rowHeight = rows <= 4 ? 18 : rows <= 8 ? 13 : rows <= 16 ? 9 : 6;
  }

  @Override
  public String title() {
    return "Blocked vCPUs";
  }

  @Override
  public String subtitle() {
    return perRow == 1 ? "waiting for pages" : perRow + " vCPUs in each row";
  }

  @Override
  public double height() {
    return Math.max(30, rows * rowHeight);
  }

  @Override
  public void draw(Svg svg, TimeAxis axis, double top) {
    BitSet open = openFaults(axis);
    svg.group("mark", "blocked", "vcpus", Integer.toString(vcpus.size()));
    for (int row = 0; row < rows; row++) {
      int first = row * perRow;
      int last = Math.min(vcpus.size(), first + perRow) - 1;
      double y = top + row * rowHeight;
      svg.group("mark", "vcpu", "vcpu", Integer.toString(first));
      svg.rect("idle", TimeAxis.LEFT, y, TimeAxis.WIDTH, rowHeight - 1.5);
      if (rowHeight >= 13 || row % 8 == 0) {
        svg.words(
            "label", "end", TimeAxis.LEFT - 6, y + rowHeight / 2 + 3, Integer.toString(first));
      }
      drawRow(svg, axis, y, vcpus.subList(first, last + 1), open);
      svg.endGroup();
    }
    svg.endGroup();
  }

  /** The bins in which a fault was open, and their neighbours; all of them if that is not known. */
  private BitSet openFaults(TimeAxis axis) {
    Bins bins = new Bins(axis, BIN_PIXELS);
    BitSet open = new BitSet(bins.count());
    if (faults.unrecorded() + faults.count(FaultKind.UNKNOWN) > 0) {
      open.set(0, bins.count());
    }
    for (int fault = 0; fault < faults.size(); fault++) {
      long read = faults.readNanos()[fault];
      int first = bins.at(read) - 1;
      int last = bins.at(read + Math.max(0, faults.latencyNanos()[fault])) + 1;
      open.set(Math.max(0, first), last + 1);
    }
    return open;
  }

  private void drawRow(Svg svg, TimeAxis axis, double y, List<TimeBuckets.Series> of, BitSet open) {
    Bins bins = new Bins(axis, BIN_PIXELS);
    of.forEach(series -> bins.add(series, 1.0 / of.size()));
    StringBuilder[] waiting = new StringBuilder[LEVELS + 1];
    StringBuilder[] slow = new StringBuilder[LEVELS + 1];
    for (int bin = 0; bin < bins.count(); ) {
      int level = level(bins, bin);
      int end = bin + 1;
      while (end < bins.count() && level(bins, end) == level && open.get(end) == open.get(bin)) {
        end++;
      }
      if (level > 0) {
        StringBuilder[] paths = open.get(bin) ? waiting : slow;
        paths[level] = paths[level] == null ? new StringBuilder() : paths[level];
        append(paths[level], bins.x(bin), bins.x(end), y);
      }
      bin = end;
    }
    draw(svg, "b", waiting);
    draw(svg, "slow", slow);
  }

  private static void draw(Svg svg, String style, StringBuilder[] paths) {
    for (int level = 1; level <= LEVELS; level++) {
      if (paths[level] != null) {
        svg.path(style + " d" + level, paths[level]);
      }
    }
  }

  private void append(StringBuilder path, double from, double to, double y) {
    path.append('M').append(Svg.n(from)).append(' ').append(Svg.n(y));
    path.append('H').append(Svg.n(to)).append('V').append(Svg.n(y + rowHeight - 1.5));
    path.append('H').append(Svg.n(from)).append('z');
  }

  /** 0 if it did not wait, otherwise the part of the time, in fifths, rounded up. */
  private static int level(Bins bins, int bin) {
    double part = bins.get(bin) / bins.binNanos();
    return part < 0.005 ? 0 : (int) Math.clamp(Math.ceil(part * LEVELS), 1, LEVELS);
  }
}
