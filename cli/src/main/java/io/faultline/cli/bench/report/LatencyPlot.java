package io.faultline.cli.bench.report;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.Summary;
import io.faultline.cli.svg.Svg;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Latency by percentile, a line for each case, on a logarithmic scale. Points are medians of the
 * rounds, whiskers span minimum to maximum.
 */
final class LatencyPlot {
  private static final List<Metric> POINTS =
      List.of(Metric.FAULT_P50, Metric.FAULT_P90, Metric.FAULT_P99, Metric.FAULT_P999);

  private static final double WIDTH = 720;
  private static final double LEGEND = 440;
  private static final double LEFT = 88;
  private static final double INSET = 20;
  private static final double STEP = 98;
  private static final double TOP = 16;
  private static final double BOTTOM = 276;
  private static final int COLOURS = 8;

  /** Line styles of a case and of its reference cases. */
  private static final List<String> DASHES = List.of("", " dashed", " dotted");

  private final Svg svg = new Svg(WIDTH, BOTTOM + 30, "Fault latency by percentile");
  private final double low;
  private final double high;

  private LatencyPlot(double low, double high) {
    this.low = low;
    this.high = high;
  }

  /** Draws the rows that have latencies; empty if none has. */
  static Optional<String> of(BenchResult result, List<BenchCase> rows) {
    List<Summary> all = new ArrayList<>();
    rows.forEach(
        row -> POINTS.forEach(at -> result.samples().summary(row.name(), at).ifPresent(all::add)));
    double least = all.stream().mapToDouble(Summary::min).filter(v -> v > 0).min().orElse(0);
    double most = all.stream().mapToDouble(Summary::max).max().orElse(0);
    if (least <= 0) {
      return Optional.empty();
    }
    double low = Math.floor(Math.log10(least));
    LatencyPlot plot = new LatencyPlot(low, Math.max(low + 1, Math.ceil(Math.log10(most))));
    plot.drawGrid();
    int colour = -1; // reference cases follow their case and share its colour
    int reference = 0;
    for (int i = 0; i < rows.size(); i++) {
      reference = rows.get(i).isReference() ? reference + 1 : 0;
      colour += reference == 0 ? 1 : 0;
      String point = "s" + Math.max(0, colour) % COLOURS;
      plot.drawRow(result, rows.get(i), i, point, point + DASHES.get(Math.min(reference, 2)));
    }
    return Optional.of(plot.svg.end());
  }

  private void drawGrid() {
    for (double power = low; power <= high; power++) {
      double y = y(Math.pow(10, power));
      svg.line("grid", LEFT, y, x(POINTS.size() - 1) + INSET, y);
      svg.words(
          "label",
          "end",
          LEFT - 8,
          y + 4,
          String.format(Locale.ROOT, "%,.0f us", Math.pow(10, power)));
    }
    for (int i = 0; i < POINTS.size(); i++) {
      svg.words("label", "middle", x(i), BOTTOM + 18, POINTS.get(i).title().replace("fault ", ""));
    }
  }

  private void drawRow(BenchResult result, BenchCase row, int index, String point, String style) {
    double lastX = Double.NaN;
    double lastY = Double.NaN;
    for (int i = 0; i < POINTS.size(); i++) {
      Optional<Summary> summary = result.samples().summary(row.name(), POINTS.get(i));
      if (summary.isEmpty()) {
        continue;
      }
      double x = x(i) + 3 * (index - 3);
      double y = y(summary.get().median());
      svg.line(style, x, y(summary.get().min()), x, y(summary.get().max()));
      svg.circle(point, x, y, 3);
      if (!Double.isNaN(lastX)) {
        svg.line(style, lastX, lastY, x, y);
      }
      lastX = x;
      lastY = y;
    }
    double y = TOP + 14 + 18.0 * index;
    svg.line(style, LEGEND, y, LEGEND + 24, y);
    svg.words("label", "start", LEGEND + 32, y + 4, row.title());
  }

  private static double x(int index) {
    return LEFT + INSET + STEP * index;
  }

  private double y(double micros) {
    double part = (Math.log10(Math.max(micros, 1e-3)) - low) / (high - low);
    return BOTTOM - Math.max(0, part) * (BOTTOM - TOP);
  }
}
