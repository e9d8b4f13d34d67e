package io.faultline.cli.bench.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class MetricTest {
  private static final String RESULT =
      """
      {"total_ms": 900, "setup_ms": 400, "ram_bytes": 536870912, "page_size": PAGE,
       "cpu_ms": {"source": 250, "destination": 500}, "throughput_mib_s": 512,
       "peak_rss_bytes": {"destination": 641728512}, "fault_latency_us": {"p50": 48.5, "max": 7500},
       "guest_pause_ms": 6.5, "postcopy_ms": 350}
      """;

  @Test
  void cpuTimeIsPerGibibyte() {
    assertThat(of(Metric.SOURCE_CPU, "4096")).hasValue(0.5);
    assertThat(of(Metric.DEST_CPU, "4096")).hasValue(1.0);
  }

  @Test
  void totalExcludesSetUp() {
    assertThat(of(Metric.TOTAL, "4096")).hasValue(500);
    assertThat(of(Metric.THROUGHPUT, "4096")).hasValue(0.5);
    assertThat(of(Metric.FAULT_P50, "4096")).hasValue(48.5);
  }

  @Test
  void longestGapIsThePauseOrTheSlowestFault() {
    assertThat(of(Metric.LONGEST, "4096")).hasValue(7.5);
    assertThat(of(Metric.GUEST_PAUSE, "4096")).hasValue(6.5);
    assertThat(of(Metric.POSTCOPY, "4096")).hasValue(350);
  }

  @Test
  void hugePagesDoNotCountAsResident() {
    assertThat(of(Metric.DEST_MEMORY, "4096")).hasValue(100);
    assertThat(of(Metric.DEST_MEMORY, "2097152")).hasValue(612);
  }

  @Test
  void missingValueIsEmptyNotZero() {
    assertThat(of(Metric.DOWNTIME, "4096")).isEmpty();
  }

  private static OptionalDouble of(Metric metric, String pageBytes) {
    return metric.of(JsonMapper.shared().readTree(RESULT.replace("PAGE", pageBytes)));
  }
}
