package io.faultline.cli.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.BufferedCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.Samples;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BufferPlotTest {
  private record Point(String systemTitle, long bufferBytes) implements BufferedCase {
    @Override
    public String name() {
      return systemTitle + bufferBytes;
    }

    @Override
    public ResultTable table() {
      return ResultTable.PAGING_BUFFERS;
    }

    @Override
    public String title() {
      return name();
    }

    @Override
    public String command() {
      return name();
    }

    @Override
    public Map<Metric, Double> run(int round) {
      return Map.of();
    }
  }

  private final Samples samples = new Samples();
  private final List<BenchCase> cases =
      List.of(
          new Point("A&B", 64 << 20),
          new Point("A&B", 128 << 20),
          new Point("mmap", 128 << 20),
          new Point("mmap", 64 << 20));

  @Test
  void eachSystemHasALineWithAPointForEachSize() {
    cases.forEach(each -> samples.add(each.name(), 0, Map.of(Metric.RUN_TIME, 10.0)));
    samples.add(cases.get(2).name(), 1, Map.of(Metric.RUN_TIME, 30.0));
    String plot = BufferPlot.file(new BenchResult(Map.of(), cases, samples));
    assertThat(plot).startsWith("<svg xmlns='http://www.w3.org/2000/svg' viewBox=");
    assertThat(plot).containsOnlyOnce(">A&amp;B</text>").containsOnlyOnce(">mmap</text>");
    assertThat(plot).containsOnlyOnce(">64</text>").containsOnlyOnce(">128</text>");
    // 20 s is the median of 10 and 30, which is the highest value: 310 - 2/3 of 240
    assertThat(plot).contains("<circle class='s1' cx='670' cy='150' r='3'/>");
    assertThat(plot).contains("<circle class='s0' cx='90' cy='230' r='3'/>");
    assertThat(plot).contains("<line class='s1' x1='670' y1='230' x2='670' y2='70'/>");
    assertThat(plot.split("<circle", -1)).hasSize(5);
  }

  @Test
  void caseWithoutAValueHasNoPoint() {
    samples.add(cases.getFirst().name(), 0, Map.of(Metric.RUN_TIME, 1.0));
    samples.addProblem(cases.getLast().name(), 0, "no cgroup", false);
    String plot = BufferPlot.file(new BenchResult(Map.of(), cases, samples));
    assertThat(plot.split("<circle", -1)).hasSize(2);
    assertThat(plot).doesNotContain("mmap");
  }

  @Test
  void nothingMeasuredIsAnEmptyPlot() {
    assertThat(BufferPlot.file(new BenchResult(Map.of(), cases, samples)))
        .contains("<svg ", "</svg>")
        .doesNotContain("<circle");
  }
}
