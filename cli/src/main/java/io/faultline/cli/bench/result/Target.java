package io.faultline.cli.bench.result;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A performance target.
 *
 * @param title human-readable
 * @param name the case
 * @param baseline the case to divide by, round by round; empty for an absolute target
 * @param bound whether the limit is an upper or a lower one
 */
public record Target(
    String title, String name, String baseline, Metric metric, Bound bound, double limit) {
  /** Targets that a migration does not show. */
  public static final String NOT_MEASURED =
      "Not measured here: no allocation per fault or page (checked by FaultPathAllocationTest)."
          + " p99.9 while the collector runs has no target; see the table of collectors.";

  private static final double DOWNTIME_MILLIS = 5;

  /** The direction of a limit. */
  public enum Bound {
    AT_MOST("at most"),
    AT_LEAST("at least");

    private final String words;

    Bound(String words) {
      this.words = words;
    }
  }

  /** All targets, in the order of the report. */
  public static List<Target> all() {
    return List.of(
        atMost("fault p50, idle, one CPU, relative to C", "fault-idle-1cpu", Metric.FAULT_P50, 1.2),
        atMost(
            "fault p50 under bulk, one CPU, relative to C",
            "fault-bulk-1cpu",
            Metric.FAULT_P50,
            1.3),
        atMost(
            "fault p99 under bulk, one CPU, relative to C", "fault-bulk-1cpu", Metric.FAULT_P99, 2),
        ratio(
            "blocked per fault under bulk, relative to QEMU with preempt",
            "kvm-4k",
            "qemu-4k-preempt",
            Metric.FAULT_WAIT,
            Bound.AT_MOST,
            1 / 3.0),
        ratio(
            "throughput, 4 KiB pages, relative to QEMU",
            "kvm-4k",
            "qemu-4k",
            Metric.THROUGHPUT,
            Bound.AT_LEAST,
            1.5),
        ratio(
            "throughput, 4 KiB pages, continue and populated, relative to QEMU",
            "kvm-4k-continue",
            "qemu-4k",
            Metric.THROUGHPUT,
            Bound.AT_LEAST,
            1.5),
        ratio(
            "throughput, 2 MiB pages, relative to QEMU",
            "kvm-2m",
            "qemu-2m",
            Metric.THROUGHPUT,
            Bound.AT_LEAST,
            1.5),
        ratio(
            "throughput, 2 MiB pages, continue, relative to one raw connection",
            "bulk-continue-2m",
            "floor-raw",
            Metric.THROUGHPUT,
            Bound.AT_LEAST,
            0.6),
        guest("downtime", "guest-4k", "tcg-4k", Metric.DOWNTIME, 1.2),
        new Target(
            "downtime of a guest of QEMU, ms", "guest-4k", "", Metric.DOWNTIME, Bound.AT_MOST, 10),
        guest("longest wait", "guest-4k", "tcg-4k", Metric.LONGEST, 0.8),
        guest("blocked per fault", "guest-4k", "tcg-4k-preempt", Metric.FAULT_WAIT, 1 / 3.0),
        guest("total", "guest-4k", "tcg-4k", Metric.TOTAL, 0.9),
        guest(
            "median fault, 2 MiB pages, hybrid, continue",
            "guest-2m-hybrid",
            "tcg-2m",
            Metric.FAULT_P50,
            0.2),
        downtime("smallest VM, postcopy", "downtime-small", Metric.DOWNTIME),
        downtime("largest VM, postcopy", "downtime-large", Metric.DOWNTIME),
        downtime("smallest VM, postcopy", "downtime-small", Metric.GUEST_PAUSE),
        downtime("largest VM, postcopy", "downtime-large", Metric.GUEST_PAUSE),
        downtime("smallest VM, hybrid, continue", "downtime-hybrid-small", Metric.DOWNTIME),
        downtime("largest VM, hybrid, continue", "downtime-hybrid-large", Metric.DOWNTIME),
        downtime("smallest VM, hybrid, continue", "downtime-hybrid-small", Metric.GUEST_PAUSE),
        downtime("largest VM, hybrid, continue", "downtime-hybrid-large", Metric.GUEST_PAUSE),
        ratio(
            "vCPU blocked at 200 MB/s, relative to QEMU with preempt",
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
            "faults, zipf, hybrid: prefetch and hot-first off, relative to on",
            "hybrid-zipf-bubbling-alone",
            "hybrid-zipf",
            Metric.FAULTS,
            Bound.AT_LEAST,
            5),
        new Target(
            "restore: first instruction, ms",
            "restore",
            "",
            Metric.FIRST_INSTRUCTION,
            Bound.AT_MOST,
            10),
        restore("faults with a working set", "set", Metric.FAULTS, 0.05),
        restore("workload with a working set", "set", Metric.WORKLOAD_TIME, 0.35),
        restore("workload with a stale working set", "stale", Metric.WORKLOAD_TIME, 1.1),
        stock("idle, all pages", "idle", Metric.ALL_PAGES, Bound.AT_MOST, 1),
        stock("idle, downtime", "idle", Metric.DOWNTIME, Bound.AT_MOST, 1.1),
        stock("random reads, all pages", "random", Metric.ALL_PAGES, Bound.AT_MOST, 0.08),
        stock("random reads, CPU", "random", Metric.DAEMON_CPU, Bound.AT_MOST, 0.2),
        stock("redis, GET/s", "redis", Metric.READS, Bound.AT_LEAST, 20),
        stock("redis, all pages", "redis", Metric.ALL_PAGES, Bound.AT_MOST, 0.1),
        stock("JVM, first answer", "jvm", Metric.FIRST_ANSWER, Bound.AT_MOST, 0.25),
        stock(
            "fragmented memory from the frozen process, all pages",
            "source-fragments",
            Metric.ALL_PAGES,
            Bound.AT_MOST,
            0.1),
        stock("ten restores, all pages", "restores", Metric.ALL_PAGES, Bound.AT_MOST, 1),
        paging("umapsort, larger", "umapsort-double", "-umap-best", Metric.RUN_TIME, 1),
        paging("umapsort", "umapsort", "-umap-best", Metric.RUN_TIME, 1),
        paging("umapsort", "umapsort", "-umap-best", Metric.CPU_TIME, 1),
        paging("umapsort", "umapsort", "-umap-4k", Metric.RUN_TIME, 0.15),
        paging("umapsort", "umapsort", "-mmap", Metric.RUN_TIME, 0.8),
        paging("random reads", "access-read", "-umap-4k", Metric.ACCESS_TIME, 0.9),
        paging("random reads", "access-read", "-mmap-random", Metric.ACCESS_TIME, 1.4),
        paging("read-modify-writes", "access-modify", "-umap-4k", Metric.ACCESS_TIME, 0.9),
        paging("read-modify-writes", "access-modify", "-mmap-random", Metric.ACCESS_TIME, 1.4),
        paging("sequential writes", "access-write", "-umap-4k", Metric.ACCESS_TIME, 0.25),
        inProcess(
            "evicting 64 dirty pages, without the store", "evict", "c", Metric.PAGE_NANOS, 0.35),
        inProcess("random reads", "read", "c", Metric.ACCESS_TIME, 1.2),
        inProcess("random reads", "read", "mmap-random", Metric.ACCESS_TIME, 1.4),
        inProcess("random read-modify-writes", "update", "c", Metric.ACCESS_TIME, 1.2),
        inProcess("random read-modify-writes", "update", "mmap-random", Metric.ACCESS_TIME, 1.4),
        inProcess("sequential writes", "write", "c", Metric.RUN_TIME, 1.2),
        inProcess("parallel quicksort", "sort", "mmap", Metric.RUN_TIME, 0.8),
        ratio(
            "in process: fault p99 during a flush, relative to without",
            "paging-update-flushed",
            "paging-update-unflushed",
            Metric.FAULT_P99,
            Bound.AT_MOST,
            3),
        ratio(
            "Firecracker's handler: fault p50, relative to C",
            "uffd-handler-fault",
            "c-handler-fault",
            Metric.FAULT_P50,
            Bound.AT_MOST,
            1.2),
        new Target(
            "Firecracker's handler: CPU when idle, ms/s",
            "uffd-handler-storm",
            "",
            Metric.IDLE_CPU,
            Bound.AT_MOST,
            1),
        new Target(
            "in process: most in RAM, % of the buffer",
            "paging-sort-watched", "", Metric.RESIDENT, Bound.AT_MOST, 105),
        snapshotPause("1 GiB with --ram 1g", "snapshot", 5),
        snapshotPause("8 times that", "snapshot-large", 10),
        snapshot("writer's p99, relative to QEMU's way", "", "qemu-way", Metric.WRITE_P99, 0.25),
        snapshot(
            "writer's p99, 8 times the memory, relative to QEMU's way",
            "-large",
            "qemu-way",
            Metric.WRITE_P99,
            0.25),
        snapshot("total, relative to writing the bytes alone", "", "plain", Metric.SAVE_TIME, 1.15),
        snapshot(
            "total, 8 times the memory, relative to writing the bytes alone",
            "-large",
            "plain",
            Metric.SAVE_TIME,
            1.15));
  }

  /** The measured value; empty if it was not measured. */
  public Optional<Summary> measured(BenchResult result) {
    return baseline.isEmpty()
        ? result.samples().summary(name, metric)
        : result.samples().ratio(name, baseline, metric);
  }

  /** Whether the median meets the target. */
  public boolean isMet(Summary measured) {
    return bound == Bound.AT_MOST ? measured.median() <= limit : measured.median() >= limit;
  }

  /** {@code at most 1.2}. */
  public String wanted() {
    String number = String.format(Locale.ROOT, "%.2f", limit);
    return bound.words + " " + number.replaceFirst("\\.?0+$", "");
  }

  /** Relative to the same work in C. */
  private static Target atMost(String title, String name, Metric metric, double limit) {
    return ratio(title, name, BenchCase.FLOOR_PREFIX + name, metric, Bound.AT_MOST, limit);
  }

  private static Target downtime(String vm, String name, Metric metric) {
    String title = metric.heading() + ": " + vm;
    return new Target(title, name, "", metric, Bound.AT_MOST, DOWNTIME_MILLIS);
  }

  /** A guest of QEMU, relative to QEMU's own migration. */
  private static Target guest(
      String title, String name, String baseline, Metric metric, double limit) {
    return ratio(
        title + " of a guest of QEMU, relative to QEMU",
        name,
        baseline,
        metric,
        Bound.AT_MOST,
        limit);
  }

  /** A cold restore with a working set, relative to one without. */
  private static Target restore(String title, String set, Metric metric, double limit) {
    return ratio(
        "restore: " + title + ", relative to none",
        "restore-cold-" + set,
        "restore-cold",
        metric,
        Bound.AT_MOST,
        limit);
  }

  /** Relative to stock CRIU. */
  private static Target stock(String title, String name, Metric metric, Bound bound, double limit) {
    return ratio(
        title + ", relative to CRIU", "criu-" + name, "stock-" + name, metric, bound, limit);
  }

  private static Target snapshotPause(String memory, String name, double limit) {
    return new Target(
        "snapshot: pause, ms, " + memory, name, "", Metric.PAUSE, Bound.AT_MOST, limit);
  }

  private static Target snapshot(
      String title, String size, String way, Metric metric, double limit) {
    return ratio("snapshot: " + title, "snapshot" + size, way + size, metric, Bound.AT_MOST, limit);
  }

  /** The pager in process, relative to another system. */
  private static Target inProcess(
      String title, String key, String system, Metric metric, double limit) {
    return ratio(
        "in process: " + title + ", relative to " + system,
        "paging-" + key,
        system + "-" + key,
        metric,
        Bound.AT_MOST,
        limit);
  }

  /** The pager, relative to umap or to mmap. */
  private static Target paging(
      String title, String name, String suffix, Metric metric, double limit) {
    return ratio(
        title + ", " + metric.title() + ", relative to " + suffix.substring(1).replace('-', ' '),
        name,
        name + suffix,
        metric,
        Bound.AT_MOST,
        limit);
  }

  private static Target ratio(
      String title, String name, String baseline, Metric metric, Bound bound, double limit) {
    return new Target(title, name, baseline, metric, bound, limit);
  }
}
