package io.faultline.tests.dashboard;

import io.faultline.cli.svg.Svg;
import java.util.List;
import java.util.stream.DoubleStream;

/** A panel of type {@code timeseries}: a line for each series, and a legend. */
final class LinesDrawing implements Drawing {
  private static final double AXIS_WIDTH = 68;
  private static final double LEGEND_HEIGHT = 42;
  private static final int LEVELS = 4;

  /** About the width of a character of the legend. */
  private static final double CHARACTER = 7;

  @Override
  public void draw(Svg svg, Area area, Panel panel, List<Series> series) {
    Plot plot =
        new Plot(
            area.x() + AXIS_WIDTH,
            area.y() + 6,
            area.right() - 24,
            area.bottom() - LEGEND_HEIGHT,
            area.span());
    plot.drawTimes(svg);
    Scale scale = panel.logarithmic() ? Scale.logarithmic(series) : Scale.linear(panel, series);
    scale.drawLevels(svg, plot, panel.unit());
    double x = plot.left();
    for (int i = 0; i < series.size(); i++) {
      Series each = series.get(i);
      String style = "line c" + i + (panel.dashed().contains(each.name()) ? " dashed" : "");
      svg.path(style, path(plot, scale, each, panel.stepped()));
      double y = area.bottom() - 8;
      svg.line(style, x, y - 4, x + 18, y - 4);
      svg.words("legend", "start", x + 24, y, each.name());
      x += 44 + each.name().length() * CHARACTER;
    }
  }

  private static CharSequence path(Plot plot, Scale scale, Series series, boolean stepped) {
    StringBuilder path = new StringBuilder();
    double before = Double.NEGATIVE_INFINITY;
    for (Series.Point point : series.points()) {
      double fraction = scale.fraction(point.value());
      if (!Double.isFinite(fraction)) {
        continue;
      }
      String x = Svg.n(plot.x(point.seconds()));
      String y = Svg.n(plot.y(fraction));
      if (point.seconds() - before > 1.5 * plot.span().step()) {
        path.append('M').append(x).append(' ').append(y).append("h1"); // also a single point
      } else if (stepped) {
        path.append('H').append(x).append('V').append(y);
      } else {
        path.append('L').append(x).append(' ').append(y);
      }
      before = point.seconds();
    }
    return path;
  }

  /** The value axis: from {@code low} to {@code high}, in logarithms of 10 if it is logarithmic. */
  private record Scale(double low, double high, double step, boolean isLogarithmic) {
    static Scale linear(Panel panel, List<Series> series) {
      double largest = Math.max(finite(series).max().orElse(1), 1e-9);
      if (panel.unit().equals("none")) {
        largest = Math.max(largest, LEVELS);
      }
      double step = Units.step(panel.unit(), largest, LEVELS);
      return new Scale(0, Math.ceil(largest / step) * step, step, false);
    }

    static Scale logarithmic(List<Series> series) {
      double least = finite(series).filter(each -> each > 0).min().orElse(1e-5);
      double largest = Math.max(finite(series).max().orElse(1), least * 1.1);
      return new Scale(Math.floor(Math.log10(least)), Math.ceil(Math.log10(largest)), 1, true);
    }

    double fraction(double value) {
      double at = isLogarithmic ? Math.log10(value) : value;
      return (at - low) / (high - low);
    }

    void drawLevels(Svg svg, Plot plot, String unit) {
      for (double at = low; at < high + step / 2; at += step) {
        double value = isLogarithmic ? Math.pow(10, at) : at;
        plot.drawLevel(svg, (at - low) / (high - low), Units.format(unit, value));
      }
    }

    private static DoubleStream finite(List<Series> series) {
      return series.stream()
          .flatMap(each -> each.points().stream())
          .mapToDouble(Series.Point::value)
          .filter(Double::isFinite);
    }
  }
}
