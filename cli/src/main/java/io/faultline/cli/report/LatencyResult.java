package io.faultline.cli.report;

import org.HdrHistogram.Histogram;
import tools.jackson.databind.node.ObjectNode;

/** The latency of faults in a result. */
public final class LatencyResult {
  private LatencyResult() {}

  /** Adds {@code fault_latency_us}, if there were faults. */
  public static void put(ObjectNode json, Histogram latencyNanos) {
    if (latencyNanos.getTotalCount() > 0) {
      ObjectNode us = json.putObject("fault_latency_us");
      JsonNumbers.putUs(us, "p50", latencyNanos.getValueAtPercentile(50));
      JsonNumbers.putUs(us, "p90", latencyNanos.getValueAtPercentile(90));
      JsonNumbers.putUs(us, "p99", latencyNanos.getValueAtPercentile(99));
      JsonNumbers.putUs(us, "p999", latencyNanos.getValueAtPercentile(99.9));
      JsonNumbers.putUs(us, "max", latencyNanos.getMaxValue());
      JsonNumbers.putUs(us, "mean", Math.round(latencyNanos.getMean()));
    }
  }
}
