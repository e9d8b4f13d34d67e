package io.faultline.tests.dashboard;

import io.faultline.cli.svg.Svg;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * The area of a drawing between its axes.
 *
 * @param left the first x of the area
 * @param bottom the last y of the area
 * @param span the time that the x axis shows
 */
record Plot(double left, double top, double right, double bottom, TimeSpan span) {
  private static final double LABEL_BELOW = 15;
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);

  double height() {
    return bottom - top;
  }

  double x(double seconds) {
    double x = left + (seconds - span.from()) / span.seconds() * (right - left);
    return Math.clamp(x, left, right);
  }

  /** The y of a fraction of the height, from the bottom. */
  double y(double fraction) {
    return bottom - Math.clamp(fraction, 0, 1) * height();
  }

  /** Draws the time axis. */
  void drawTimes(Svg svg) {
    long step = span.gridSeconds();
    for (long at = Math.ceilDiv((long) span.from(), step) * step; at < span.to(); at += step) {
      double x = x((double) at);
      if (x > left && x < right) {
        svg.line("grid", x, top, x, bottom);
        svg.words(
            "axis", "middle", x, bottom + LABEL_BELOW, CLOCK.format(Instant.ofEpochSecond(at)));
      }
    }
  }

  /** Draws a horizontal line with a label at a fraction of the height. */
  void drawLevel(Svg svg, double fraction, String label) {
    double y = y(fraction);
    svg.line("grid", left, y, right, y);
    svg.words("axis", "end", left - 6, y + 4, label);
  }
}
