package io.faultline.cli.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a figure shall be.
 *
 * @param title for people
 * @param name the case
 * @param over what the figure is divided by, round by round; empty for the figure itself
 * @param bound whether the limit is the most or the least
 */
record Target(String title, String name, String over, Metric metric, Bound bound, double limit) {
  /** Targets that no migration tells. */
  static final String ELSEWHERE =
      "Not measured here: no allocation for a fault or a page, which FaultPathAllocationTest holds;"
          + " p99.9 while the collector runs has no limit, and is in the table of collectors.";

  private static final double DOWNTIME_MILLIS = 5;

  /** Which side of a limit is good. */
  enum Bound {
    AT_MOST("at most"),
    AT_LEAST("at least");

    private final String words;

    Bound(String words) {
      this.words = words;
    }
  }

  /** All, in the order in which they are told. */
  static List<Target> all() {
    return List.of(
        atMost("fault p50, idle, one CPU, over C", "fault-idle-1cpu", Metric.FAULT_P50, 1.2),
        atMost("fault p50 under bulk, one CPU, over C", "fault-bulk-1cpu", Metric.FAULT_P50, 1.3),
        atMost("fault p99 under bulk, one CPU, over C", "fault-bulk-1cpu", Metric.FAULT_P99, 2),
        ratio(
            "blocked for each fault under bulk, over QEMU's with preempt",
            "kvm-4k",
            "qemu-4k-preempt",
            Metric.FAULT_WAIT,
            Bound.AT_MOST,
            1 / 3.0),
        ratio(
            "throughput, 4 KiB pages, over QEMU's",
            "kvm-4k",
            "qemu-4k",
            Metric.THROUGHPUT,
            Bound.AT_LEAST,
            1.5),
        ratio(
            "throughput, 4 KiB pages, continue and populated, over QEMU's",
            "kvm-4k-continue",
            "qemu-4k",
            Metric.THROUGHPUT,
            Bound.AT_LEAST,
            1.5),
        ratio(
            "throughput, 2 MiB pages, over QEMU's",
            "kvm-2m",
            "qemu-2m",
            Metric.THROUGHPUT,
            Bound.AT_LEAST,
            1.5),
        ratio(
            "throughput, 2 MiB pages, continue, over one raw connection",
            "bulk-continue-2m",
            "floor-raw",
            Metric.THROUGHPUT,
            Bound.AT_LEAST,
            0.6),
        downtime("smallest VM, postcopy", "downtime-small", Metric.DOWNTIME),
        downtime("largest VM, postcopy", "downtime-large", Metric.DOWNTIME),
        downtime("smallest VM, postcopy", "downtime-small", Metric.GUEST_PAUSE),
        downtime("largest VM, postcopy", "downtime-large", Metric.GUEST_PAUSE),
        downtime("smallest VM, hybrid, continue", "downtime-hybrid-small", Metric.DOWNTIME),
        downtime("largest VM, hybrid, continue", "downtime-hybrid-large", Metric.DOWNTIME),
        downtime("smallest VM, hybrid, continue", "downtime-hybrid-small", Metric.GUEST_PAUSE),
        downtime("largest VM, hybrid, continue", "downtime-hybrid-large", Metric.GUEST_PAUSE),
        ratio(
            "vCPU blocked at 200 MB/s, over QEMU's with preempt",
            "kvm-200m",
            "qemu-200m-preempt",
            Metric.BLOCKED,
            Bound.AT_MOST,
            0.5),
        new Target(
            "faults per 100 pages, sequential",
            "workload-sequential",
            "",
            Metric.FAULTS_PER_100,
            Bound.AT_MOST,
            1),
        ratio(
            "faults, zipf, hybrid: prefetch and hot-first off, over on",
            "hybrid-zipf-bubbling-alone",
            "hybrid-zipf",
            Metric.FAULTS,
            Bound.AT_LEAST,
            5));
  }

  /** What was measured; empty where it was not. */
  Optional<Spread> measured(BenchResult result) {
    return over.isEmpty()
        ? result.samples().spread(name, metric)
        : result.samples().ratio(name, over, metric);
  }

  /** Whether a median is good. */
  boolean isMet(Spread measured) {
    return bound == Bound.AT_MOST ? measured.median() <= limit : measured.median() >= limit;
  }

  /** {@code at most 1.2}. */
  String wanted() {
    String number = String.format(Locale.ROOT, "%.2f", limit);
    return bound.words + " " + number.replaceFirst("\\.?0+$", "");
  }

  /** Against the same work in C. */
  private static Target atMost(String title, String name, Metric metric, double limit) {
    return ratio(title, name, FloorCase.PREFIX + name, metric, Bound.AT_MOST, limit);
  }

  private static Target downtime(String vm, String name, Metric metric) {
    String title = metric.heading() + ": " + vm;
    return new Target(title, name, "", metric, Bound.AT_MOST, DOWNTIME_MILLIS);
  }

  private static Target ratio(
      String title, String name, String over, Metric metric, Bound bound, double limit) {
    return new Target(title, name, over, metric, bound, limit);
  }
}
