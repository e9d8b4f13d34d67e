package io.faultline.cli.metrics;

import io.faultline.demo.simulated.VcpuFaults;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;
import org.HdrHistogram.HistogramIterationValue;

/** The latencies of faults as a Prometheus histogram, from 10 us to 10 s in steps 1, 2, 5. */
final class LatencyBuckets {
  private static final long[] BOUNDS_MICROS = {
    10,
    20,
    50,
    100,
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    20_000,
    50_000,
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
  };

  private LatencyBuckets() {}

  /**
   * The sum over all vCPUs. A latency within 1 % of a bound, which is the precision of the
   * recorder, may be in either bucket.
   */
  static HistogramSnapshot of(List<VcpuFaults> faults, Labels labels) {
    VcpuFaults all = VcpuFaults.merged(faults);
    return HistogramSnapshot.builder()
        .name("faultline_fault_latency_seconds")
        .help("Latency of page faults of the VM, as its vCPUs measured it")
        .dataPoint(
            HistogramDataPointSnapshot.builder()
                .labels(labels)
                .classicHistogramBuckets(buckets(all))
                .sum(all.blockedNanos() / 1e9)
                .build())
        .build();
  }

  private static ClassicHistogramBuckets buckets(VcpuFaults all) {
    long[] counts = new long[BOUNDS_MICROS.length + 1];
    for (HistogramIterationValue each : all.latencyNanos().recordedValues()) {
      long nanos = all.latencyNanos().medianEquivalentValue(each.getValueIteratedTo());
      counts[bucketOf(nanos)] += each.getCountAtValueIteratedTo();
    }
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    for (int i = 0; i < counts.length; i++) {
      double bound = i < BOUNDS_MICROS.length ? BOUNDS_MICROS[i] / 1e6 : Double.POSITIVE_INFINITY;
      buckets.bucket(bound, counts[i]);
    }
    return buckets.build();
  }

  private static int bucketOf(long nanos) {
    int bucket = 0;
    while (bucket < BOUNDS_MICROS.length && nanos > BOUNDS_MICROS[bucket] * 1000) {
      bucket++;
    }
    return bucket;
  }
}
