package io.faultline.cli.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The same as a page of its own with plots: one file, well-formed XML, nothing from the network.
 */
final class HtmlReport {
  /** Their rows are drawn by percentile. */
  private static final Set<Figure> LATENCIES =
      Set.of(Figure.FAULTS, Figure.COLLECTORS, Figure.EQUALS);

  private final BenchResult result;
  private final StringBuilder text = new StringBuilder();

  private HtmlReport(BenchResult result) {
    this.result = result;
  }

  static String of(BenchResult result) {
    HtmlReport page = new HtmlReport(result);
    page.head();
    for (Figure figure : Figure.values()) {
      if (!result.rows(figure).isEmpty()) {
        page.figure(figure);
      }
    }
    page.ratios();
    page.targets();
    page.facts();
    return page.text.append("</main>\n</body>\n</html>\n").toString();
  }

  private void head() {
    text.append("<!DOCTYPE html>\n<html lang='en' xmlns='http://www.w3.org/1999/xhtml'>\n<head>\n");
    text.append("<meta charset='utf-8'/>\n");
    text.append("<meta name='viewport' content='width=device-width, initial-scale=1'/>\n");
    text.append("<title>Faultline: performance</title>\n<style>\n");
    text.append(style()).append("</style>\n</head>\n<body>\n<main>\n<h1>Performance</h1>\n");
    text.append("<p>Median (least to most) of the rounds; whiskers go from least to most.");
    text.append(" Every migration of ours was verified.</p>\n");
  }

  private void figure(Figure figure) {
    heading(figure.title());
    text.append("<p>").append(Svg.esc(figure.note())).append("</p>\n");
    if (LATENCIES.contains(figure)) {
      LatencyPlot.of(result, result.rows(figure)).ifPresent(text::append);
    }
    for (Metric metric : figure.metrics()) {
      List<BarPlot.Bar> bars = bars(figure, metric);
      if (!bars.isEmpty() && figure != Figure.FAULTS && figure != Figure.COLLECTORS) {
        text.append(BarPlot.of(metric.heading(), metric.decimals(), bars));
      }
    }
    table(Tables.of(result, figure));
  }

  private List<BarPlot.Bar> bars(Figure figure, Metric metric) {
    List<BarPlot.Bar> bars = new ArrayList<>();
    for (BenchCase each : result.rows(figure)) {
      result
          .samples()
          .spread(each.name(), metric)
          .ifPresent(spread -> bars.add(new BarPlot.Bar(each.title(), each.isOther(), spread)));
    }
    return bars;
  }

  private void ratios() {
    if (result.ratios().isEmpty()) {
      return;
    }
    heading("Ratios, round by round");
    table(Tables.ratios(result));
  }

  private void targets() {
    if (!result.targets().isEmpty()) {
      heading("Targets");
      table(Tables.targets(result));
      text.append("<p>" + Svg.esc(Target.ELSEWHERE) + "</p>\n");
    }
  }

  private void facts() {
    heading("Measured on");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("what", "is"));
    result.facts().forEach((key, value) -> rows.add(List.of(key, value)));
    for (BenchCase each : result.cases()) {
      rows.add(List.of(each.title() + " (" + each.name() + ")", each.command()));
    }
    table(rows);
  }

  private void heading(String words) {
    text.append("<h2>").append(Svg.esc(words)).append("</h2>\n");
  }

  /** The first row is the heading. */
  private void table(List<List<String>> rows) {
    text.append("<div class='wide'><table>\n");
    row("th", rows.getFirst());
    rows.stream().skip(1).forEach(row -> row("td", row));
    text.append("</table></div>\n");
  }

  private void row(String element, List<String> cells) {
    text.append("<tr>");
    for (String cell : cells) {
      text.append("<" + element + ">" + Svg.esc(cell) + "</" + element + ">");
    }
    text.append("</tr>\n");
  }

  private static String style() {
    try (InputStream in = HtmlReport.class.getResourceAsStream("bench.css")) {
      if (in == null) {
        throw new IllegalStateException("bench.css is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
