package io.faultline.cli.report.page;

import io.faultline.cli.svg.Svg;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** How many faults took how long, in steps of 1, 2 and 5. */
final class LatencyChart {
  private static final double HEIGHT = 120;
  private static final double TOP = 24;
  private static final double BOTTOM = 24;
  private static final double GAP = 2;
  private static final long FIRST_NANOS = TimeUnit.MICROSECONDS.toNanos(10);
  private static final int BUCKETS = 20;
  private static final int[] STEPS = {1, 2, 5};

  private final long[] counts = new long[BUCKETS];
  private final double barWidth = TimeAxis.WIDTH / BUCKETS;

  private LatencyChart(Histogram latencyNanos) {
    long from = 0;
    for (int i = 0; i < BUCKETS; i++) {
      long to = i == BUCKETS - 1 ? Long.MAX_VALUE : boundNanos(i);
      counts[i] = latencyNanos.getCountBetweenValues(from, to) - shared(latencyNanos, i, from);
      from = to;
    }
  }

  /** A bound is in the bucket that it ends. */
  private static long shared(Histogram latencyNanos, int bucket, long bound) {
    return bucket == 0 ? 0 : latencyNanos.getCountAtValue(bound);
  }

  /** Draws it; empty if there were no faults. */
  static String of(Histogram latencyNanos) {
    return latencyNanos.getTotalCount() == 0 ? "" : new LatencyChart(latencyNanos).draw();
  }

  private static long boundNanos(int bucket) {
    long decade = FIRST_NANOS;
    for (int i = 0; i < bucket / STEPS.length; i++) {
      decade *= 10;
    }
    return decade * STEPS[bucket % STEPS.length];
  }

  private String draw() {
    long most = 0;
    for (long count : counts) {
      most = Math.max(most, count);
    }
    Svg svg = new Svg(Timeline.WIDTH, TOP + HEIGHT + BOTTOM, "Latency of faults");
    svg.group("mark", "latencies");
    Scale.draw(svg, TOP, HEIGHT, (double) most, Units.count(most));
    for (int i = 0; i < BUCKETS; i++) {
      bar(svg, i, HEIGHT * counts[i] / most);
    }
    svg.endGroup();
    return svg.end();
  }

  private void bar(Svg svg, int bucket, double height) {
    double x = TimeAxis.LEFT + bucket * barWidth;
    boolean isLast = bucket == BUCKETS - 1;
    String words = isLast ? "longer" : "to " + Units.nanos(boundNanos(bucket));
    svg.group("count", Long.toString(counts[bucket]));
    svg.tooltip(Units.count(counts[bucket]) + " faults, " + words);
    svg.rect("w-urgent", x + GAP, TOP + HEIGHT - height, barWidth - 2 * GAP, height);
    svg.endGroup();
    svg.words("label", "middle", x + barWidth / 2, TOP + HEIGHT + 16, words);
  }
}
