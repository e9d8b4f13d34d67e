package io.faultline.cli.bench.report;

import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.BufferedCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.Summary;
import io.faultline.cli.svg.Svg;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Run time over the size of the buffer: for each system a line through the medians, with a whisker
 * from minimum to maximum at each size.
 */
public final class BufferPlot {
  private static final double WIDTH = 720;
  private static final double HEIGHT = 360;
  private static final double LEFT = 60;
  private static final double RIGHT = 700;
  private static final double TOP = 70;
  private static final double BOTTOM = 310;
  private static final int GRID_LINES = 5;
  private static final int STYLES = 4;
  private static final String ROOT = "<svg ";

  /** For a file of its own: what the style sheet of the HTML report says about the same classes. */
  private static final String STYLE =
      """
      <style>
      text { font: 12px sans-serif; fill: #1d2329; }
      text.title { font-weight: bold; } text.label { fill: #5b6670; }
      rect.back { fill: #ffffff; } line.grid { stroke: #d5dbe0; }
      line { stroke-width: 1.6; } circle { fill: #ffffff; stroke-width: 1.6; }
      .s0 { stroke: #2f6fb0; } .s1 { stroke: #8a52b0; } .s2 { stroke: #c4572b; }
      .s3 { stroke: #2b8a5e; }
      </style>
      """;

  private final BenchResult result;
  private final Map<String, List<BufferedCase>> systems = new LinkedHashMap<>();
  private final TreeSet<Long> sizes = new TreeSet<>();
  private double most;

  private BufferPlot(BenchResult result, ResultTable table) {
    this.result = result;
    for (var each : result.rows(table)) {
      Summary measured = summary(each.name());
      if (each instanceof BufferedCase row && measured != null) {
        systems.computeIfAbsent(row.systemTitle(), _ -> new ArrayList<>()).add(row);
        sizes.add(row.bufferBytes());
        most = Math.max(most, measured.max());
      }
    }
  }

  private @Nullable Summary summary(String name) {
    return result.samples().summary(name, Metric.RUN_TIME).orElse(null);
  }

  /** Draws the measured cases of a table; empty if there are none. */
  static Optional<String> of(BenchResult result, ResultTable table) {
    BufferPlot plot = new BufferPlot(result, table);
    return plot.sizes.isEmpty() ? Optional.empty() : Optional.of(plot.draw(table));
  }

  /** The plot of the table by the size of the buffer, as a file of its own. */
  public static String file(BenchResult result) {
    ResultTable table = ResultTable.PAGING_BUFFERS;
    String plot = of(result, table).orElseGet(() -> new Svg(WIDTH, TOP, table.title()).end());
    int start = plot.indexOf('>') + 2;
    return plot.substring(0, start).replace(ROOT, ROOT + "xmlns='http://www.w3.org/2000/svg' ")
        + STYLE
        + "<rect class='back' width='100%' height='100%'/>\n"
        + plot.substring(start);
  }

  private String draw(ResultTable table) {
    Svg svg = new Svg(WIDTH, HEIGHT, table.title());
    svg.words("title", "start", 20, 20, table.title() + ": run time, s, by buffer, MiB");
    for (int i = 0; i <= GRID_LINES; i++) {
      double value = most * i / GRID_LINES;
      svg.line("grid", LEFT, y(value), RIGHT, y(value));
      svg.words("label", "end", LEFT - 8, y(value) + 4, String.format(Locale.ROOT, "%.1f", value));
    }
    for (long size : sizes) {
      svg.words("label", "middle", x(size), BOTTOM + 20, Long.toString(size >> 20));
    }
    int style = 0;
    for (Map.Entry<String, List<BufferedCase>> each : systems.entrySet()) {
      draw(svg, each.getKey(), each.getValue(), style++);
    }
    return svg.end();
  }

  private void draw(Svg svg, String system, List<BufferedCase> points, int index) {
    String style = "s" + index % STYLES;
    double legend = LEFT + index * (RIGHT - LEFT) / systems.size();
    svg.line(style, legend, 42, legend + 24, 42);
    svg.words("label", "start", legend + 30, 46, system);
    double fromX = 0;
    double fromY = 0;
    boolean isFirst = true;
    List<BufferedCase> ordered = new ArrayList<>(points);
    ordered.sort((one, other) -> Long.compare(one.bufferBytes(), other.bufferBytes()));
    for (BufferedCase point : ordered) {
      Summary summary = summary(point.name());
      if (summary != null) {
        double x = x(point.bufferBytes());
        double y = y(summary.median());
        svg.line(style, isFirst ? x : fromX, isFirst ? y : fromY, x, y);
        svg.line(style, x, y(summary.min()), x, y(summary.max()));
        svg.circle(style, x, y, 3);
        fromX = x;
        fromY = y;
        isFirst = false;
      }
    }
  }

  /** Sizes are as far from each other as their logarithms, which are those of powers of two. */
  private double x(long size) {
    SequencedSet<Long> all = sizes;
    double low = Math.log((double) all.getFirst());
    double high = Math.log((double) all.getLast());
    double share = high > low ? (Math.log((double) size) - low) / (high - low) : 0;
    return LEFT + 30 + share * (RIGHT - LEFT - 60);
  }

  private double y(double value) {
    return BOTTOM - value / (most > 0 ? most : 1) * (BOTTOM - TOP);
  }
}
