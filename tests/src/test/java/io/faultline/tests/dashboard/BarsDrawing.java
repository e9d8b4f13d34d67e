package io.faultline.tests.dashboard;

import io.faultline.cli.svg.Svg;
import java.util.List;

/** A panel of type {@code bargauge}: a horizontal bar for the last value of each series. */
final class BarsDrawing implements Drawing {
  private static final double NAMES_WIDTH = 96;
  private static final double VALUES_WIDTH = 74;

  @Override
  public void draw(Svg svg, Area area, Panel panel, List<Series> series) {
    double largest =
        series.stream().mapToDouble(each -> each.last().orElse(0)).max().orElse(0) + 1e-12;
    double height = area.height() / Math.max(1, series.size());
    double room = area.width() - NAMES_WIDTH - VALUES_WIDTH;
    for (int i = 0; i < series.size(); i++) {
      Series each = series.get(i);
      double value = each.last().orElse(0);
      double top = area.y() + i * height + 3;
      double left = area.x() + NAMES_WIDTH;
      double middle = top + (height - 6) / 2 + 4;
      svg.words("legend", "end", left - 8, middle, each.name());
      svg.rect("bar-room", left, top, room, height - 6);
      svg.rect("bar", left, top, room * value / largest, height - 6);
      svg.words("legend", "end", area.right() - 6, middle, Units.format(panel.unitOf(each), value));
    }
  }
}
