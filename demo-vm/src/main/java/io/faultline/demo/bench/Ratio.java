package io.faultline.demo.bench;

import java.util.List;

/**
 * A case over another, in the same rounds.
 *
 * @param target for people; empty for none
 */
record Ratio(String title, String above, String below, Metric metric, String target) {

  /** All of them; those of cases that did not run have no value. */
  static List<Ratio> all() {
    return List.of(
        toFloor("fault-idle", Metric.FAULT_P50, ""),
        toFloor("fault-idle", Metric.FAULT_P99, ""),
        toFloor("fault-idle-1cpu", Metric.FAULT_P50, "at most 1.2"),
        toFloor("fault-idle-1cpu", Metric.FAULT_P99, ""),
        toFloor("fault-bulk", Metric.FAULT_P50, ""),
        toFloor("fault-bulk", Metric.FAULT_P99, ""),
        toFloor("fault-bulk-1cpu", Metric.FAULT_P50, ""),
        toFloor("fault-bulk-1cpu", Metric.FAULT_P99, ""),
        of("fault-bulk", "fault-idle", Metric.FAULT_P99, "at most 2"),
        of("floor-fault-bulk", "floor-fault-idle", Metric.FAULT_P99, ""),
        of("bulk", "floor-raw", Metric.THROUGHPUT, "at least 0.6"),
        of("bulk", "floor-bulk", Metric.THROUGHPUT, ""),
        of("downtime-large", "downtime-small", Metric.DOWNTIME, "about 1"));
  }

  private static Ratio toFloor(String name, Metric metric, String target) {
    return of(name, FloorCase.PREFIX + name, metric, target);
  }

  private static Ratio of(String above, String below, Metric metric, String target) {
    return new Ratio(above + " / " + below + ", " + metric.title(), above, below, metric, target);
  }
}
