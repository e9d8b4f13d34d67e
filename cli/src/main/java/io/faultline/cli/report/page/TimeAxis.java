package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;

/**
 * The horizontal axis of the timeline. Time 0 is when the destination had prepared its memory. Of
 * the set-up before, which may take seconds and shows nothing, at most {@value #SETUP_PERCENT} % of
 * the rest are visible.
 */
final class TimeAxis {
  static final int SETUP_PERCENT = 10;

  /** Where the plots start, and how wide they are. */
  static final double LEFT = 172;

  static final double WIDTH = 972;

  private static final int MOST_TICKS = 10;

  private final long zeroNanos;
  private final long startNanos;
  private final long endNanos;

  private TimeAxis(long zeroNanos, long startNanos, long endNanos) {
    this.zeroNanos = zeroNanos;
    this.startNanos = startNanos;
    this.endNanos = endNanos;
  }

  /** The axis of a migration. */
  static TimeAxis of(Phases phases) {
    long zero = phases.preparedNanos();
    long end = Math.max(phases.endNanos(), zero + 1_000_000);
    long setup = Math.min(zero - phases.startNanos(), (end - zero) * SETUP_PERCENT / 100);
    return new TimeAxis(zero, zero - Math.max(0, setup), end);
  }

  /** The axis of a period, which is not empty: time 0 is its start. */
  static TimeAxis between(long startNanos, long endNanos) {
    return new TimeAxis(startNanos, startNanos, Math.max(endNanos, startNanos + 1_000_000));
  }

  long startNanos() {
    return startNanos;
  }

  long endNanos() {
    return endNanos;
  }

  /** The place of a time, within the plot. */
  double x(long nanos) {
    double part = (double) (nanos - startNanos) / (endNanos - startNanos);
    return LEFT + WIDTH * Math.clamp(part, 0, 1);
  }

  /** The time of a place, in nanoseconds of the clock. */
  long nanosAt(double x) {
    return startNanos + Math.round((x - LEFT) / WIDTH * (endNanos - startNanos));
  }

  /** Whether a time lies within the plot. */
  boolean shows(long nanos) {
    return nanos >= startNanos && nanos <= endNanos;
  }

  /** A time on the axis, for the user. */
  String format(long nanos) {
    return Units.nanos(nanos - zeroNanos);
  }

  /** Draws the ticks, and their lines from the top to the bottom of the tracks. */
  void draw(Svg svg, double top, double bottom) {
    long step = Units.niceStep(endNanos - startNanos, MOST_TICKS);
    long first = Math.ceilDiv(startNanos - zeroNanos, step) * step;
    svg.group("mark", "axis");
    for (long at = first; zeroNanos + at <= endNanos; at += step) {
      double x = x(zeroNanos + at);
      svg.line("grid", x, top, x, bottom);
      svg.words("label", "middle", x, top - 6, at == 0 ? "0" : Units.nanosIn(at, step));
    }
    svg.endGroup();
  }
}
