package io.faultline.cli.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.faultline.cli.bench.result.Metric;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class FloorOutputTest {
  @Test
  void latenciesAreInMicroseconds() throws IOException {
    String line =
        "{\"mode\":\"idle\",\"bytes\":1048576,\"faults\":256,\"p50\":49.223,\"p90\":60.9,"
            + "\"p99\":150.9,\"p999\":3254.4,\"max\":28769.0}\n";
    assertThat(FloorOutput.parse(line))
        .containsEntry(Metric.FAULT_P50, 49.223)
        .containsEntry(Metric.FAULT_P999, 3254.4)
        .containsEntry(Metric.FAULTS, 256.0)
        .doesNotContainKey(Metric.THROUGHPUT);
  }

  @Test
  void outputWithoutLatenciesHasThroughput() throws IOException {
    assertThat(FloorOutput.parse("{\"mode\":\"raw\",\"faults\":0,\"gib_s\":1.25}"))
        .containsEntry(Metric.THROUGHPUT, 1.25)
        .doesNotContainKey(Metric.FAULT_P50);
  }

  @Test
  void errorQuotesOutputThatHasNoMetrics() {
    assertThatIOException()
        .isThrownBy(() -> FloorOutput.parse("Segmentation fault"))
        .withMessageContaining("Segmentation fault");
    assertThatIOException().isThrownBy(() -> FloorOutput.parse("{}"));
  }
}
