package io.faultline.tests.dashboard;

import io.faultline.cli.svg.Svg;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A page with all panels of the dashboard, each at its place and with its data. */
public final class DashboardPage {
  /** Width in pixels. */
  public static final int WIDTH = 1400;

  private static final double GAP = 8;
  private static final double COLUMN = (WIDTH - GAP) / 24;
  private static final double ROW = 38;
  private static final double TITLE_HEIGHT = 34;
  private static final double HEAD_HEIGHT = 44;

  private static final Map<String, Drawing> DRAWINGS =
      Map.of(
          "timeseries", new LinesDrawing(),
          "heatmap", new HeatmapDrawing(),
          "state-timeline", new StatesDrawing(),
          "stat", new StatDrawing(),
          "bargauge", new BarsDrawing());

  private static final String STYLE =
      """
      body { margin: 0; background: #f4f5f5; }
      svg { display: block; font-family: "DejaVu Sans", sans-serif; font-size: 12px; }
      .page { fill: #f4f5f5; } .head { font-size: 17px; fill: #24292e; }
      .panel { fill: #fff; stroke: #dcdfe3; } .title { font-size: 14px; font-weight: bold; }
      text { fill: #24292e; } .axis { fill: #5b636b; font-size: 11px; }
      .legend { font-size: 12px; } .value { font-size: 27px; }
      .grid { stroke: #e6e8ea; } .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
      .dashed { stroke-dasharray: 6 5; }
      .c0 { stroke: #2f7d32; } .c1 { stroke: #d98200; } .c2 { stroke: #1f60c4; }
      .c3 { stroke: #c4162a; } .c4 { stroke: #7c2ea3; } .c5 { stroke: #0a7a86; }
      .bar { fill: #5794f2; } .bar-room { fill: #f0f1f3; }
      text.state { font-size: 12px; fill: #1b1e22; }
      .gray { fill: #ccd0d5; } .blue { fill: #8ab8ff; } .purple { fill: #ca95e5; }
      .orange { fill: #ffb357; } .red { fill: #ff7383; } .yellow { fill: #ffee52; }
      .green { fill: #96d98d; }
      .heat1 { fill: #fee8d0; } .heat2 { fill: #fdd3a7; } .heat3 { fill: #fdb97d; }
      .heat4 { fill: #fd9a4e; } .heat5 { fill: #f5792a; } .heat6 { fill: #e35a0c; }
      .heat7 { fill: #bf4103; } .heat8 { fill: #8c2d04; }
      """;

  private DashboardPage() {}

  /** The page as HTML. */
  public static String of(Dashboard dashboard, RangeQuery query, TimeSpan span)
      throws IOException, InterruptedException {
    Svg svg = new Svg(WIDTH, height(dashboard), dashboard.title());
    svg.rect("page", 0, 0, WIDTH, height(dashboard));
    svg.words("head", "start", 2 * GAP, HEAD_HEIGHT - 16, dashboard.title());
    for (Panel panel : dashboard.panels()) {
      draw(svg, panel, Series.of(panel, query), span);
    }
    return "<!DOCTYPE html><html><head><meta charset='utf-8'><style>"
        + STYLE
        + "</style></head><body>"
        + svg.end()
        + "</body></html>\n";
  }

  /** Height in pixels. */
  public static int height(Dashboard dashboard) {
    int rows =
        dashboard.panels().stream()
            .mapToInt(panel -> panel.grid().y() + panel.grid().height())
            .max()
            .orElseThrow();
    return (int) (HEAD_HEIGHT + rows * ROW + GAP);
  }

  private static void draw(Svg svg, Panel panel, List<Series> series, TimeSpan span) {
    double x = GAP + panel.grid().x() * COLUMN;
    double y = HEAD_HEIGHT + panel.grid().y() * ROW;
    double width = panel.grid().width() * COLUMN - GAP;
    double height = panel.grid().height() * ROW - GAP;
    svg.group("panel", panel.title());
    svg.rect("panel", x, y, width, height);
    svg.words("title", "start", x + 12, y + 22, panel.title());
    Drawing.Area area =
        new Drawing.Area(x + 6, y + TITLE_HEIGHT, width - 12, height - TITLE_HEIGHT - 6, span);
    if (series.isEmpty()) {
      svg.words("legend", "middle", x + width / 2, y + height / 2, "No data");
    } else {
      drawing(panel).draw(svg, area, panel, series);
    }
    svg.endGroup();
  }

  private static Drawing drawing(Panel panel) {
    Drawing drawing = DRAWINGS.get(panel.type());
    if (drawing == null) {
      throw new IllegalArgumentException("no drawing for panels of type " + panel.type());
    }
    return drawing;
  }
}
