package io.faultline.tests.dashboard;

import io.faultline.cli.svg.Svg;
import java.util.Comparator;
import java.util.List;

/**
 * A panel of type {@code heatmap}: a row for each bucket of a histogram, whose cells are the darker
 * the more it holds.
 */
final class HeatmapDrawing implements Drawing {
  private static final double AXIS_WIDTH = 68;
  private static final double TIMES_HEIGHT = 24;
  private static final int LABEL_EVERY = 3;
  private static final int SHADES = 8;

  @Override
  public void draw(Svg svg, Area area, Panel panel, List<Series> series) {
    Plot plot =
        new Plot(
            area.x() + AXIS_WIDTH,
            area.y() + 6,
            area.right() - 24,
            area.bottom() - TIMES_HEIGHT,
            area.span());
    plot.drawTimes(svg);
    List<Series> buckets =
        series.stream().sorted(Comparator.comparingDouble(HeatmapDrawing::bound)).toList();
    double largest = largest(buckets, area.span());
    for (int i = 0; i < buckets.size(); i++) {
      drawRow(svg, plot, buckets, i, largest);
      if (i % LABEL_EVERY == 0 && Double.isFinite(bound(buckets.get(i)))) {
        String label = Units.format("s", bound(buckets.get(i)));
        plot.drawLevel(svg, (i + 1.0) / buckets.size(), label);
      }
    }
  }

  private static void drawRow(Svg svg, Plot plot, List<Series> buckets, int index, double largest) {
    double top = plot.y((index + 1.0) / buckets.size());
    double height = plot.height() / buckets.size();
    TimeSpan span = plot.span();
    for (double at = span.from(); at <= span.to(); at += span.step()) {
      double count = count(buckets, index, at);
      if (count > 0) {
        int shade = (int) Math.ceil(SHADES * Math.sqrt(Math.min(1, count / largest)));
        double x = plot.x(at - span.step());
        double width = Math.max(0, plot.x(at) - x - 0.5);
        svg.rect("heat" + shade, x, top + 0.5, width, height - 0.5);
      }
    }
  }

  private static double largest(List<Series> buckets, TimeSpan span) {
    double largest = Double.MIN_NORMAL;
    for (int i = 0; i < buckets.size(); i++) {
      for (double at = span.from(); at <= span.to(); at += span.step()) {
        largest = Math.max(largest, count(buckets, i, at));
      }
    }
    return largest;
  }

  /** What a bucket holds: Prometheus also counts that of all lower buckets. */
  private static double count(List<Series> buckets, int index, double at) {
    double here = buckets.get(index).at(at);
    double below = index == 0 ? 0 : buckets.get(index - 1).at(at);
    return Double.isFinite(here - below) ? here - below : 0;
  }

  private static double bound(Series bucket) {
    return bucket.name().equals("+Inf")
        ? Double.POSITIVE_INFINITY
        : Double.parseDouble(bucket.name());
  }
}
