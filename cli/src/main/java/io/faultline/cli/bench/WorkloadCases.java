package io.faultline.cli.bench;

import io.faultline.demo.simulated.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Guests of several kinds, with all that makes faults fewer, with each part of it switched off by
 * itself, and without any.
 *
 * <p>On a link with a limit: without one the rest of memory is there before the order matters. What
 * is asked for is not held to the limit, so that a case with many faults is not slower for it.
 */
final class WorkloadCases {
  /** A link of 0.8 Gbit/s: 128 MiB take it 1.3 s, and some 20,000 faults of two vCPUs. */
  private static final String LIMIT = "--bandwidth=100m";

  private static final Off PREFETCH = new Off("prefetch");
  private static final Off BUBBLING = new Off("bubbling");
  private static final Off HOT_FIRST = new Off("hot-first");

  /** Of the usual size, since there are many cases. */
  private static final int PART = 4;

  private WorkloadCases() {}

  /** A part that can be switched off. */
  private record Off(String name) {
    String option() {
      return "--" + name + "=off";
    }
  }

  /** Adds them. */
  static void add(CaseList list) {
    for (Workload workload : Workload.values()) {
      add(list, "workload-" + workload, workload.toString(), workload, List.of(PREFETCH, BUBBLING));
    }
    for (Workload workload : List.of(Workload.SEQUENTIAL, Workload.UNIFORM, Workload.ZIPF)) {
      List<Off> parts = List.of(PREFETCH, BUBBLING, HOT_FIRST);
      add(list, "hybrid-" + workload, workload + ", hybrid", workload, parts);
    }
    List<Off> both = List.of(PREFETCH, HOT_FIRST);
    String title = "zipf, hybrid, bubbling alone";
    list.add(of(list, "hybrid-zipf-bubbling-alone", title, Workload.ZIPF, both));
  }

  private static void add(
      CaseList list, String name, String title, Workload workload, List<Off> parts) {
    list.add(of(list, name, title, workload, List.of()));
    for (Off part : parts) {
      String without = name + "-no-" + part.name();
      list.add(of(list, without, title + ", no " + part.name(), workload, List.of(part)));
    }
    list.add(of(list, name + "-off", title + ", all off", workload, parts));
  }

  private static MigrationCase of(
      CaseList list, String name, String title, Workload workload, List<Off> off) {
    List<String> options = new ArrayList<>(List.of("--workload=" + workload, LIMIT));
    if (workload == Workload.SEQUENTIAL) { // must not begin again before it has seen what is late
      options.add("--working-set=" + list.part(PART));
    }
    if (name.startsWith("hybrid-")) {
      options.add("--mode=hybrid");
    }
    Stream<String> without = off.stream().map(Off::option);
    return list.of(Figure.WORKLOADS, name, title, Stream.concat(options.stream(), without).toList())
        .sized(list.part(PART));
  }
}
