package io.faultline.tests.dashboard;

import io.faultline.cli.svg.Svg;
import java.util.List;

/** Draws the content of a panel, below its title. */
@FunctionalInterface
interface Drawing {
  /**
   * Draws the series.
   *
   * @param area the room for axes, labels and legends too
   */
  void draw(Svg svg, Area area, Panel panel, List<Series> series);

  /**
   * Room in a panel.
   *
   * @param span the time of the picture
   */
  record Area(double x, double y, double width, double height, TimeSpan span) {
    double right() {
      return x + width;
    }

    double bottom() {
      return y + height;
    }
  }
}
