package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.result.Metric;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Parses the line that the C floor prints. */
final class FloorOutput {
  private static final Map<Metric, String> KEYS =
      Map.of(
          Metric.FAULT_P50, "p50",
          Metric.FAULT_P90, "p90",
          Metric.FAULT_P99, "p99",
          Metric.FAULT_P999, "p999",
          Metric.FAULTS, "faults",
          Metric.THROUGHPUT, "gib_s");

  private FloorOutput() {}

  /**
   * Parses one line of JSON; metrics that the mode does not measure are absent.
   *
   * @throws IOException if it is not JSON or has no metric
   */
  static Map<Metric, Double> parse(String line) throws IOException {
    JsonNode json;
    try {
      json = JsonMapper.shared().readTree(line);
    } catch (JacksonException e) {
      throw new IOException("the C floor printed: " + line.strip(), e);
    }
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    KEYS.forEach(
        (metric, key) -> {
          if (json.path(key).isNumber()) {
            values.put(metric, json.path(key).asDouble());
          }
        });
    if (values.isEmpty()) {
      throw new IOException("no metric in the output of the C floor: " + line.strip());
    }
    return values;
  }
}
