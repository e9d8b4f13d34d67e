package io.faultline.cli.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.BenchResult;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.Samples;
import io.faultline.cli.bench.result.StubCase;
import io.faultline.cli.bench.result.Summary;
import io.faultline.cli.bench.result.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetTest {
  private static final BenchCase FAULTLINE =
      new StubCase("kvm-200m", ResultTable.EQUALS, "Faultline", "kvm-200m");
  private static final BenchCase QEMU =
      new StubCase("qemu-200m-preempt", ResultTable.EQUALS, "QEMU", "kvm-200m");
  private static final BenchCase SEQUENTIAL =
      new StubCase(
          "workload-sequential", ResultTable.WORKLOADS, "sequential", "workload-sequential");

  private final Samples samples = new Samples();
  private final BenchResult result =
      new BenchResult(Map.of(), List.of(FAULTLINE, QEMU, SEQUENTIAL), samples);

  @Test
  void targetIsMetByTheMedianOfTheRounds() {
    blocked("kvm-200m", 0, 100);
    blocked("qemu-200m-preempt", 0, 1000);
    blocked("kvm-200m", 1, 499);
    blocked("qemu-200m-preempt", 1, 1000);
    blocked("kvm-200m", 2, 5000);
    blocked("qemu-200m-preempt", 2, 1000);
    samples.add("workload-sequential", 0, Map.of(Metric.FAULTS_PER_100, 1.01));
    assertThat(TableRows.targets(result))
        .contains(
            List.of(
                "vCPU blocked at 200 MB/s, relative to QEMU with preempt",
                "at most 0.5",
                "0.50 (0.10 to 5.00)",
                "yes"),
            List.of("faults per 100 pages, sequential", "at most 1", "1.01", "no"));
  }

  @Test
  void targetWithoutMeasurementIsNeitherMetNorMissed() {
    blocked("kvm-200m", 0, 100);
    assertThat(TableRows.targets(result))
        .contains(
            List.of(
                "vCPU blocked at 200 MB/s, relative to QEMU with preempt",
                "at most 0.5",
                "not measured",
                ""));
  }

  @Test
  void targetsOfUnselectedCasesAreOmitted() {
    assertThat(result.targets()).extracting(Target::name).doesNotContain("downtime-large");
  }

  @Test
  void lowerLimitIsInclusive() {
    Target target = new Target("t", "a", "", Metric.THROUGHPUT, Target.Bound.AT_LEAST, 1.5);
    assertThat(target.isMet(new Summary(1.5, 1, 9, 3))).isTrue();
    assertThat(target.isMet(new Summary(1.49, 1, 9, 3))).isFalse();
    assertThat(target.wanted()).isEqualTo("at least 1.5");
  }

  private void blocked(String name, int round, double millis) {
    samples.add(name, round, Map.of(Metric.BLOCKED, millis));
  }
}
