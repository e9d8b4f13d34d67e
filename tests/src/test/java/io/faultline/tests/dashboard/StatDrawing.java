package io.faultline.tests.dashboard;

import io.faultline.cli.svg.Svg;
import java.util.List;

/** A panel of type {@code stat}: the last value of each series, in large digits. */
final class StatDrawing implements Drawing {
  @Override
  public void draw(Svg svg, Area area, Panel panel, List<Series> series) {
    boolean beside = area.width() > 2 * area.height();
    double width = beside ? area.width() / series.size() : area.width();
    double height = beside ? area.height() : area.height() / series.size();
    for (int i = 0; i < series.size(); i++) {
      Series each = series.get(i);
      double x = area.x() + (beside ? i * width : 0) + width / 2;
      double y = area.y() + (beside ? 0 : i * height) + height / 2;
      String value =
          each.last().isPresent()
              ? Units.format(panel.unitOf(each), each.last().getAsDouble())
              : "No data";
      svg.words("legend", "middle", x, y - 12, each.name());
      svg.words("value", "middle", x, y + 18, value);
    }
  }
}
