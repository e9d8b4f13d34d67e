package io.faultline.cli.bench.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private final Samples samples = new Samples();

  @Test
  void ratioPairsRunsOfTheSameRound() {
    add("java", 0, 20);
    add("c", 0, 10);
    add("c", 1, 100);
    add("java", 1, 150);
    add("java", 2, 7); // "c" failed in this round
    assertThat(samples.ratio("java", "c", Metric.FAULT_P50)).contains(new Summary(1.75, 1.5, 2, 2));
  }

  @Test
  void caseThatDidNotRunHasNoSummaryAndNoRatio() {
    add("java", 0, 20);
    assertThat(samples.summary("c", Metric.FAULT_P50)).isEmpty();
    assertThat(samples.ratio("java", "c", Metric.FAULT_P50)).isEmpty();
  }

  @Test
  void caseThatCannotRunIsNotAFailure() {
    samples.addProblem("huge", 0, "no huge pages", false);
    assertThat(samples.hasFailures()).isFalse();
    assertThat(samples.problem("huge")).contains("no huge pages");
    samples.addProblem("bulk", 0, "the source failed", true);
    assertThat(samples.hasFailures()).isTrue();
  }

  private void add(String name, int round, double value) {
    samples.add(name, round, Map.of(Metric.FAULT_P50, value));
  }
}
