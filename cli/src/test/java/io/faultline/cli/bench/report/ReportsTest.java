package io.faultline.cli.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.Samples;
import io.faultline.cli.bench.result.StubCase;
import io.faultline.cli.bench.result.Summary;
import java.io.StringReader;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportsTest {
  private static final BenchCase IDLE =
      new StubCase("fault-idle", ResultTable.FAULTS, "idle <link>", "fault-idle");
  private static final BenchCase FLOOR =
      new StubCase("floor-fault-idle", ResultTable.FAULTS, "C & idle", "fault-idle");
  private static final BenchCase BULK = new StubCase("bulk", ResultTable.BULK, "4 KiB", "bulk");

  private final Samples samples = new Samples();
  private final BenchResult result =
      new BenchResult(Map.of("CPU", "2 x \"fast\" & <new>"), List.of(IDLE, FLOOR, BULK), samples);

  ReportsTest() {
    for (int round = 0; round < 3; round++) {
      samples.add("fault-idle", round, latencies(60.5 + round));
      samples.add("floor-fault-idle", round, latencies(50.5 + round));
    }
    samples.add("bulk", 0, Map.of(Metric.THROUGHPUT, 0.75));
    samples.addProblem("bulk", 1, "it failed", true);
  }

  @Test
  void tablesShowMediansRangesAndFailures() {
    assertThat(TextReport.of(result))
        .contains("| 61.5 (60.5 to 62.5) |")
        .contains("0.75 [it failed]")
        .contains("fault-idle / floor-fault-idle, fault p50");
  }

  @Test
  void columnsOfATableAreAligned() {
    assertThat(TextReport.format(List.of(List.of("a", "long"), List.of("wide one", "b"))))
        .isEqualTo(
            """
            | a        | long |
            |----------|------|
            | wide one | b    |
            """);
  }

  @Test
  void jsonHasEverySampleAndTheMedians() {
    JsonNode json = JsonMapper.shared().readTree(JsonReport.of(result));
    assertThat(json.path("samples").size()).isEqualTo(8);
    assertThat(json.at("/cases/0/values/fault_p50/median").asDouble()).isEqualTo(61.5);
    assertThat(json.at("/samples/7/problem").asString()).isEqualTo("it failed");
    assertThat(json.at("/ratios/0/count").asInt()).isEqualTo(3);
    assertThat(json.at("/machine/CPU").asString()).isEqualTo("2 x \"fast\" & <new>");
  }

  @Test
  void htmlIsWellFormedAndHasTheNumbers() throws Exception {
    String page = HtmlReport.of(result);
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(page)));
    assertThat(document.getElementsByTagName("svg").getLength()).isEqualTo(2);
    assertThat(document.getDocumentElement().getTextContent())
        .contains("61.5 (60.5 to 62.5)", "idle <link>", "C & idle", "2 x \"fast\" & <new>")
        .contains("0.75");
    assertThat(page).doesNotContain("src=", "href=", "url(", "<script", "@import");
  }

  @Test
  void barsEndAtTheMedianAndWhiskersAtMinAndMax() {
    String plot =
        BarPlot.of(
            "downtime, ms",
            1,
            List.of(
                new BarPlot.Bar("a", false, new Summary(5, 2, 10, 3)),
                new BarPlot.Bar("b", true, new Summary(2.5, 2.5, 2.5, 1))));
    assertThat(plot)
        .contains("x='190' y='27' width='170'")
        .contains("x='190' y='51' width='85'")
        .contains("x1='258' y1='35' x2='530' y2='35'");
  }

  @Test
  void latencyPlotIsOmittedWithoutLatencies() {
    assertThat(LatencyPlot.of(result, List.of(BULK))).isEmpty();
    assertThat(LatencyPlot.of(result, List.of(IDLE, FLOOR))).isPresent();
  }

  private static Map<Metric, Double> latencies(double p50) {
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    values.put(Metric.FAULT_P50, p50);
    values.put(Metric.FAULT_P90, 2 * p50);
    values.put(Metric.FAULT_P99, 5 * p50);
    values.put(Metric.FAULT_P999, 40 * p50);
    return values;
  }
}
