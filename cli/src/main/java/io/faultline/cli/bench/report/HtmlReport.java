package io.faultline.cli.bench.report;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.Target;
import io.faultline.cli.svg.Svg;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The report as an HTML page with plots: a single file, well-formed XML, no external resources. */
public final class HtmlReport {
  /** Tables with a plot of latency by percentile. */
  private static final Set<ResultTable> LATENCIES =
      Set.of(ResultTable.FAULTS, ResultTable.RECORDING, ResultTable.COLLECTORS, ResultTable.EQUALS);

  /** Tables of nothing but latencies, which that plot shows. */
  private static final Set<ResultTable> WITHOUT_BARS =
      Set.of(ResultTable.FAULTS, ResultTable.RECORDING, ResultTable.COLLECTORS);

  private final BenchResult result;
  private final StringBuilder text = new StringBuilder();

  private HtmlReport(BenchResult result) {
    this.result = result;
  }

  public static String of(BenchResult result) {
    HtmlReport page = new HtmlReport(result);
    page.head();
    for (ResultTable table : ResultTable.values()) {
      if (!result.rows(table).isEmpty()) {
        page.section(table);
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
    text.append("<p>Median (minimum to maximum) of the rounds; whiskers span that range.");
    text.append(" All migrations by Faultline were verified.</p>\n");
  }

  private void section(ResultTable table) {
    heading(table.title());
    text.append("<p>").append(Svg.esc(table.note())).append("</p>\n");
    if (LATENCIES.contains(table)) {
      LatencyPlot.of(result, result.rows(table)).ifPresent(text::append);
    }
    if (table == ResultTable.PAGING_BUFFERS) {
      BufferPlot.of(result, table).ifPresent(text::append);
    }
    for (Metric metric : table.metrics()) {
      List<BarPlot.Bar> bars = bars(table, metric);
      if (!bars.isEmpty() && !WITHOUT_BARS.contains(table)) {
        text.append(BarPlot.of(metric.heading(), metric.decimals(), bars));
      }
    }
    table(TableRows.of(result, table));
  }

  private List<BarPlot.Bar> bars(ResultTable table, Metric metric) {
    List<BarPlot.Bar> bars = new ArrayList<>();
    for (BenchCase each : result.rows(table)) {
      result
          .samples()
          .summary(each.name(), metric)
          .ifPresent(
              summary -> bars.add(new BarPlot.Bar(each.title(), each.isReference(), summary)));
    }
    return bars;
  }

  private void ratios() {
    if (result.ratios().isEmpty()) {
      return;
    }
    heading("Ratios, round by round");
    table(TableRows.ratios(result));
  }

  private void targets() {
    if (!result.targets().isEmpty()) {
      heading("Targets");
      table(TableRows.targets(result));
      text.append("<p>" + Svg.esc(Target.NOT_MEASURED) + "</p>\n");
    }
  }

  private void facts() {
    heading("Measured on");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("fact", "value"));
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
