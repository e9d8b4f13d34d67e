package io.faultline.cli.bench;

import java.util.List;

/** One metric of the rows of a table: a bar up to the median, a whisker from least to most. */
final class BarPlot {
  private static final double WIDTH = 640;
  private static final double LEFT = 190;
  private static final double RIGHT = 110;
  private static final double ROW = 24;
  private static final double TOP = 24;

  private BarPlot() {}

  /** A row. */
  record Bar(String title, boolean floor, Spread spread) {}

  /**
   * Draws bars, at least one.
   *
   * @param heading what they measure
   */
  static String of(String heading, int decimals, List<Bar> bars) {
    double most = bars.stream().mapToDouble(bar -> bar.spread().max()).max().orElseThrow();
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
    Spread spread = bar.spread();
    double middle = y + ROW / 2 - 1;
    svg.words("label", "end", LEFT - 8, middle + 4, bar.title());
    double length = Math.max(0, spread.median() * scale);
    svg.rect(bar.floor() ? "bar floor" : "bar", LEFT, y + 3, length, ROW - 8);
    double from = LEFT + Math.max(0, spread.min() * scale);
    double to = LEFT + Math.max(0, spread.max() * scale);
    if (spread.count() > 1) {
      svg.line("whisker", from, middle, to, middle);
      svg.line("whisker", from, middle - 4, from, middle + 4);
      svg.line("whisker", to, middle - 4, to, middle + 4);
    }
    String median = new Spread(spread.median(), 0, 0, 1).format(decimals);
    svg.words("value", "start", to + 8, middle + 4, median);
  }
}
