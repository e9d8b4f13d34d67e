package io.faultline.cli.bench.report;

import io.faultline.cli.bench.result.Summary;
import io.faultline.cli.svg.Svg;
import java.util.List;

/** One metric of a table: for each row a bar up to the median, and a whisker from min to max. */
final class BarPlot {
  private static final double WIDTH = 640;
  private static final double LEFT = 190;
  private static final double RIGHT = 110;
  private static final double ROW = 24;
  private static final double TOP = 24;

  private BarPlot() {}

  /**
   * A row.
   *
   * @param reference whether the row measures C or QEMU
   */
  record Bar(String title, boolean reference, Summary summary) {}

  /**
   * Draws at least one bar.
   *
   * @param heading name and unit of the metric
   */
  static String of(String heading, int decimals, List<Bar> bars) {
    double most = bars.stream().mapToDouble(bar -> bar.summary().max()).max().orElseThrow();
    double scale = (WIDTH - LEFT - RIGHT) / (most > 0 ? most : 1);
    Svg svg = new Svg(WIDTH, TOP + ROW * bars.size() + 6, heading);
    svg.words("title", "start", 0, 14, heading);
    double y = TOP;
    for (Bar bar : bars) {
      draw(svg, bar, y, scale, decimals);
      y += ROW;
    }
    return svg.end();
  }

  private static void draw(Svg svg, Bar bar, double y, double scale, int decimals) {
    Summary summary = bar.summary();
    double middle = y + ROW / 2 - 1;
    svg.words("label", "end", LEFT - 8, middle + 4, bar.title());
    double length = Math.max(0, summary.median() * scale);
    svg.rect(bar.reference() ? "bar floor" : "bar", LEFT, y + 3, length, ROW - 8);
    double from = LEFT + Math.max(0, summary.min() * scale);
    double to = LEFT + Math.max(0, summary.max() * scale);
    if (summary.count() > 1) {
      svg.line("whisker", from, middle, to, middle);
      svg.line("whisker", from, middle - 4, from, middle + 4);
      svg.line("whisker", to, middle - 4, to, middle + 4);
    }
    String median = new Summary(summary.median(), 0, 0, 1).format(decimals);
    svg.words("value", "start", to + 8, middle + 4, median);
  }
}
