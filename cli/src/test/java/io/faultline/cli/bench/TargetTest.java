package io.faultline.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetTest {
  private static final BenchCase OURS =
      new ReportsTest.Row("kvm-200m", Figure.EQUALS, "ours", "kvm-200m");
  private static final BenchCase QEMU =
      new ReportsTest.Row("qemu-200m-preempt", Figure.EQUALS, "QEMU", "kvm-200m");
  private static final BenchCase SEQUENTIAL =
      new ReportsTest.Row(
          "workload-sequential", Figure.WORKLOADS, "sequential", "workload-sequential");

  private final Samples samples = new Samples();
  private final BenchResult result =
      new BenchResult(Map.of(), List.of(OURS, QEMU, SEQUENTIAL), samples);

  @Test
  void mediansOfRoundsDecideWhetherATargetIsMet() {
    blocked("kvm-200m", 0, 100);
    blocked("qemu-200m-preempt", 0, 1000);
    blocked("kvm-200m", 1, 499);
    blocked("qemu-200m-preempt", 1, 1000);
    blocked("kvm-200m", 2, 5000);
    blocked("qemu-200m-preempt", 2, 1000);
    samples.add("workload-sequential", 0, Map.of(Metric.FAULTS_PER_100, 1.01));
    assertThat(Tables.targets(result))
        .contains(
            List.of(
                "vCPU blocked at 200 MB/s, over QEMU's with preempt",
                "at most 0.5",
                "0.50 (0.10 to 5.00)",
                "yes"),
            List.of("faults per 100 pages, sequential", "at most 1", "1.01", "no"));
  }

  @Test
  void whatWasNotMeasuredIsNeitherMetNorMissed() {
    blocked("kvm-200m", 0, 100);
    assertThat(Tables.targets(result))
        .contains(
            List.of(
                "vCPU blocked at 200 MB/s, over QEMU's with preempt",
                "at most 0.5",
                "not measured",
                ""));
  }

  @Test
  void targetsOfCasesThatWereNotToRunAreNotTold() {
    assertThat(result.targets()).extracting(Target::name).doesNotContain("downtime-large");
  }

  @Test
  void leastIsMetFromTheLimitOn() {
    Target least = new Target("t", "a", "", Metric.THROUGHPUT, Target.Bound.AT_LEAST, 1.5);
    assertThat(least.isMet(new Spread(1.5, 1, 9, 3))).isTrue();
    assertThat(least.isMet(new Spread(1.49, 1, 9, 3))).isFalse();
    assertThat(least.wanted()).isEqualTo("at least 1.5");
  }

  private void blocked(String name, int round, double millis) {
    samples.add(name, round, Map.of(Metric.BLOCKED, millis));
  }
}
