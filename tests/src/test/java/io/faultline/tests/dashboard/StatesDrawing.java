package io.faultline.tests.dashboard;

import io.faultline.cli.svg.Svg;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A panel of type {@code state-timeline}: a row for each series, with the names of its states, and
 * a legend of all states that occur.
 */
final class StatesDrawing implements Drawing {
  private static final double NAMES_WIDTH = 150;
  private static final double LEGEND_HEIGHT = 42;

  /** About the width of a character. */
  private static final double CHARACTER = 7;

  /** The same in the legend. */
  private static final double SMALL_CHARACTER = 6.3;

  @Override
  public void draw(Svg svg, Area area, Panel panel, List<Series> series) {
    Plot plot =
        new Plot(
            area.x() + NAMES_WIDTH,
            area.y() + 6,
            area.right() - 24,
            area.bottom() - LEGEND_HEIGHT,
            area.span());
    plot.drawTimes(svg);
    double height = plot.height() / Math.max(1, series.size());
    for (int i = 0; i < series.size(); i++) {
      double top = plot.top() + i * height + height * 0.1;
      double middle = top + height * 0.4;
      String name = series.get(i).name();
      int comma = name.indexOf(',');
      svg.words("legend", "end", plot.left() - 10, middle - 3, name.substring(0, comma));
      svg.words("axis", "end", plot.left() - 10, middle + 12, name.substring(comma + 2));
      for (Stay stay : stays(series.get(i), area.span().step())) {
        draw(svg, plot, state(panel, stay.state()), stay, top, height * 0.8);
      }
    }
    drawLegend(svg, area, panel, series);
  }

  private static Panel.State state(Panel panel, int value) {
    return Objects.requireNonNull(panel.states().get(value), () -> "state " + value);
  }

  private static void drawLegend(Svg svg, Area area, Panel panel, List<Series> series) {
    int[] occurring =
        series.stream()
            .flatMap(each -> stays(each, area.span().step()).stream())
            .mapToInt(Stay::state)
            .distinct()
            .sorted()
            .toArray();
    double x = area.x() + 10;
    double y = area.bottom() - 8;
    for (int each : occurring) {
      Panel.State state = state(panel, each);
      svg.rect("state " + state.colour(), x, y - 9, 10, 10);
      svg.words("axis", "start", x + 14, y, state.name());
      x += 24 + state.name().length() * SMALL_CHARACTER;
    }
  }

  private static void draw(
      Svg svg, Plot plot, Panel.State state, Stay stay, double top, double height) {
    double x = plot.x(stay.from());
    double width = plot.x(stay.to()) - x;
    svg.group("state", state.name());
    svg.rect("state " + state.colour(), x, top, width, height);
    if (width > state.name().length() * CHARACTER + 6) {
      svg.words("state", "start", x + 6, top + height / 2 + 4, state.name());
    }
    svg.endGroup();
  }

  /** The time between two changes of a state. */
  private record Stay(int state, double from, double to) {}

  private static List<Stay> stays(Series series, double step) {
    List<Stay> stays = new ArrayList<>();
    for (Series.Point point : series.points()) {
      if (Double.isNaN(point.value())) {
        continue; // no state: a gap
      }
      int state = (int) point.value();
      double to = point.seconds() + step;
      Stay last = stays.isEmpty() ? null : stays.getLast();
      if (last != null && last.state() == state && last.to() >= point.seconds()) {
        stays.set(stays.size() - 1, new Stay(state, last.from(), to));
      } else {
        stays.add(new Stay(state, point.seconds(), to));
      }
    }
    return stays;
  }
}
