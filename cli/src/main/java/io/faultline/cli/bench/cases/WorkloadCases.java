package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.measure.MigrationCase;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.demo.simulated.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Guest workloads with every optimization that reduces faults, with each of them off, and with all
 * of them off.
 *
 * <p>The bandwidth is limited; otherwise all memory would arrive before the order of pages matters.
 * Requested pages are exempt from the limit, so that faults are not slowed down by it.
 */
final class WorkloadCases {
  /** A 0.8 Gbit/s link: 128 MiB take 1.3 s, in which two vCPUs take about 20,000 faults. */
  private static final String LIMIT = "--bandwidth=100m";

  private static final Optimization PREFETCH = new Optimization("prefetch");
  private static final Optimization BUBBLING = new Optimization("bubbling");
  private static final Optimization HOT_FIRST = new Optimization("hot-first");

  /** Divides the default size, since there are many cases. */
  private static final int DIVISOR = 4;

  private WorkloadCases() {}

  /** An optimization that can be switched off. */
  private record Optimization(String name) {
    String offOption() {
      return "--" + name + "=off";
    }
  }

  /** Adds the cases. */
  static void add(CaseList list) {
    for (Workload workload : Workload.values()) {
      add(list, "workload-" + workload, workload.toString(), workload, List.of(PREFETCH, BUBBLING));
    }
    for (Workload workload : List.of(Workload.SEQUENTIAL, Workload.UNIFORM, Workload.ZIPF)) {
      List<Optimization> optimizations = List.of(PREFETCH, BUBBLING, HOT_FIRST);
      add(list, "hybrid-" + workload, workload + ", hybrid", workload, optimizations);
    }
    List<Optimization> both = List.of(PREFETCH, HOT_FIRST);
    String title = "zipf, hybrid, bubbling alone";
    list.add(of(list, "hybrid-zipf-bubbling-alone", title, Workload.ZIPF, both));
  }

  private static void add(
      CaseList list,
      String name,
      String title,
      Workload workload,
      List<Optimization> optimizations) {
    list.add(of(list, name, title, workload, List.of()));
    for (Optimization optimization : optimizations) {
      String without = name + "-no-" + optimization.name();
      list.add(
          of(
              list,
              without,
              title + ", no " + optimization.name(),
              workload,
              List.of(optimization)));
    }
    list.add(of(list, name + "-off", title + ", all off", workload, optimizations));
  }

  private static MigrationCase of(
      CaseList list, String name, String title, Workload workload, List<Optimization> off) {
    List<String> options = new ArrayList<>(List.of("--workload=" + workload, LIMIT));
    if (workload == Workload.SEQUENTIAL) {
      // A smaller working set would wrap around before late pages arrive.
      options.add("--working-set=" + list.ramFraction(DIVISOR));
    }
    if (name.startsWith("hybrid-")) {
      options.add("--mode=hybrid");
    }
    Stream<String> without = off.stream().map(Optimization::offOption);
    return list.migration(
            ResultTable.WORKLOADS, name, title, Stream.concat(options.stream(), without).toList())
        .withRam(list.ramFraction(DIVISOR));
  }
}
