package io.faultline.cli.bench.umap;

import io.faultline.cli.bench.result.Metric;
import java.util.EnumMap;
import java.util.Map;

/** What a run took. */
record Usage(double wallSeconds, double cpuSeconds, long readBytes, long writtenBytes) {
  private static final double MIB = 1 << 20;

  /** Adds what another process took for the same run, which is not longer for that. */
  Usage plus(double moreCpuSeconds, long moreRead, long moreWritten) {
    return new Usage(
        wallSeconds, cpuSeconds + moreCpuSeconds, readBytes + moreRead, writtenBytes + moreWritten);
  }

  Map<Metric, Double> values() {
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    values.put(Metric.RUN_TIME, wallSeconds);
    values.put(Metric.CPU_TIME, cpuSeconds);
    values.put(Metric.READ_BYTES, readBytes / MIB);
    values.put(Metric.WRITTEN_BYTES, writtenBytes / MIB);
    return values;
  }
}
