package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import io.faultline.dest.recording.FaultKind;
import io.faultline.dest.recording.ResolvedFaults;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The faults: time across, latency upward on a logarithmic scale. Up to {@value #MOST_DOTS} of them
 * are a dot each. Of more, all go into a grid whose cells are the darker the more faults they hold,
 * and the {@value #OUTLIERS} slowest are dots as well.
 */
final class FaultTrack implements Track {
  static final int MOST_DOTS = 3000;
  static final int OUTLIERS = 200;

  private static final double HEIGHT = 176;
  private static final double STRIP = 14;

  private final ResolvedFaults faults;
  private final double low;
  private final double high;

  FaultTrack(ResolvedFaults faults) {
    this.faults = faults;
    long least = Long.MAX_VALUE;
    long most = 0;
    for (long latency : faults.latencyNanos()) {
      if (latency > 0) {
        least = Math.min(least, latency);
        most = Math.max(most, latency);
      }
    }
    low = most == 0 ? 4 : Math.floor(Math.log10((double) least));
    high = Math.max(low + 2, most == 0 ? 7 : Math.ceil(Math.log10((double) most)));
  }

  @Override
  public String title() {
    return "Faults";
  }

  @Override
  public String subtitle() {
    return "read to mapped";
  }

  @Override
  public double height() {
    return HEIGHT + STRIP;
  }

  @Override
  public void draw(Svg svg, TimeAxis axis, double top) {
    svg.group(
        "mark", "faults",
        "count", Integer.toString(faults.size()),
        "unrecorded", Long.toString(faults.unrecorded()));
    drawScale(svg, top);
    int[] known =
        IntStream.range(0, faults.size()).filter(i -> faults.latencyNanos()[i] >= 0).toArray();
    if (known.length <= MOST_DOTS) {
      drawDots(svg, axis, top, known);
    } else {
      new FaultGrid(faults, known, axis, this, top).draw(svg);
      drawDots(svg, axis, top, slowest(known));
    }
    svg.endGroup();
  }

  private int[] slowest(int[] known) {
    return Arrays.stream(known)
        .boxed()
        .sorted(Comparator.comparingLong((Integer i) -> -faults.latencyNanos()[i]))
        .limit(OUTLIERS)
        .mapToInt(i -> i)
        .toArray();
  }

  private void drawScale(Svg svg, double top) {
    double right = TimeAxis.LEFT + TimeAxis.WIDTH;
    for (double power = low; power <= high; power++) {
      double y = y(top, (long) Math.pow(10, power));
      svg.line(power == low ? "base" : "grid", TimeAxis.LEFT, y, right, y);
      svg.words("label", "end", TimeAxis.LEFT - 6, y + 4, name(Math.pow(10, power)));
    }
  }

  /** A power of ten, without decimals. */
  private static String name(double nanos) {
    long value = Math.round(nanos);
    if (value < 1_000) {
      return value + " ns";
    }
    if (value < 1_000_000) {
      return value / 1_000 + " \u00b5s";
    }
    return value < 1_000_000_000 ? value / 1_000_000 + " ms" : value / 1_000_000_000 + " s";
  }

  /** Kinds differ in their shape, too. */
  private void drawDots(Svg svg, TimeAxis axis, double top, int[] which) {
    for (int fault : which) {
      FaultKind kind = faults.kind(fault);
      double x = axis.x(faults.readNanos()[fault]);
      double y = y(top, faults.latencyNanos()[fault]);
      svg.group("mark", "fault", "kind", Ways.style(kind));
      svg.tooltip(Units.nanos(faults.latencyNanos()[fault]) + ", page " + faults.pages()[fault]);
      String style = "dot f-" + Ways.style(kind);
      switch (kind) {
        case PREFETCHED -> svg.path(style, diamond(x, y));
        case LOCAL -> svg.rect(style, x - 1.8, y - 1.8, 3.6, 3.6);
        default -> svg.circle(style, x, y, 2.1);
      }
      svg.endGroup();
    }
  }

  private static String diamond(double x, double y) {
    return "M%s %sl2.6 2.6l-2.6 2.6l-2.6 -2.6z".formatted(Svg.n(x), Svg.n(y - 2.6));
  }

  /** The place of a latency. One of 0 is in the strip below the scale. */
  double y(double top, long latencyNanos) {
    if (latencyNanos <= 0) {
      return top + HEIGHT + STRIP / 2;
    }
    double part = (Math.log10((double) latencyNanos) - low) / (high - low);
    return top + HEIGHT * (1 - Math.clamp(part, 0, 1));
  }
}
