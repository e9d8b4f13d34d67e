package io.faultline.cli.bench.result;

import java.util.ArrayList;
import java.util.List;

/** One case divided by another in the same rounds. Some have a {@link Target}. */
public record Ratio(String title, String numerator, String denominator, Metric metric) {

  /** Every ratio; those of cases that did not run have no value. */
  public static List<Ratio> all() {
    List<Ratio> all = new ArrayList<>();
    for (String name : List.of("fault-idle", "fault-idle-1cpu", "fault-bulk", "fault-bulk-1cpu")) {
      all.add(of(name, BenchCase.FLOOR_PREFIX + name, Metric.FAULT_P50));
      all.add(of(name, BenchCase.FLOOR_PREFIX + name, Metric.FAULT_P99));
    }
    all.add(of("fault-bulk", "fault-idle", Metric.FAULT_P99));
    all.add(of("floor-fault-bulk", "floor-fault-idle", Metric.FAULT_P99));
    for (String link : List.of("", "-bulk")) {
      all.add(of("report-on" + link, "report-off" + link, Metric.FAULT_P50));
      all.add(of("report-on" + link, "report-off" + link, Metric.FAULT_P99));
    }
    all.add(of("bulk", "floor-raw", Metric.THROUGHPUT));
    all.add(of("bulk", "floor-bulk", Metric.THROUGHPUT));
    all.add(of("bulk-continue-2m", "floor-raw", Metric.THROUGHPUT));
    for (String name : List.of("4k", "4k-preempt", "2m", "2m-preempt", "200m", "200m-preempt")) {
      addQemu(all, "kvm-" + name.replace("-preempt", ""), "qemu-" + name);
    }
    addQemu(all, "kvm-4k-continue", "qemu-4k");
    for (String name : List.of("4k", "4k-preempt", "2m", "2m-preempt")) {
      addQemu(all, "kvm-guest-" + name.replace("-preempt", ""), "qemu-" + name);
    }
    addQemu(all, "kvm-4k-continue", "qemu-4k-preempt");
    for (String name : List.of("4k", "4k-preempt", "2m", "2m-preempt")) {
      addQemuGuest(all, "guest-" + name.replace("-preempt", ""), "tcg-" + name);
    }
    addQemuGuest(all, "guest-4k-continue", "tcg-4k-preempt");
    addQemuGuest(all, "guest-2m-hybrid", "tcg-2m-preempt");
    all.add(of("downtime-large", "downtime-small", Metric.DOWNTIME));
    for (String name :
        List.of("idle", "random", "redis", "jvm", "fragments", "source-fragments", "restores")) {
      addCriu(all, "criu-" + name, "stock-" + name);
    }
    for (String sort : List.of("umapsort", "umapsort-double")) {
      for (String other : List.of("-umap-best", "-umap-4k", "-mmap")) {
        all.add(of(sort, sort + other, Metric.RUN_TIME));
        all.add(of(sort, sort + other, Metric.CPU_TIME));
      }
    }
    addAccess(all, "access-write", List.of("-umap-4k", "-mmap"));
    addAccess(all, "access-read", List.of("-umap-4k", "-mmap-random"));
    addAccess(all, "access-modify", List.of("-umap-4k", "-mmap-random"));
    addPaging(all);
    for (String size : List.of("", "-large")) {
      all.add(of("snapshot" + size, "qemu-way" + size, Metric.PAUSE));
      all.add(of("snapshot" + size, "qemu-way" + size, Metric.WRITE_P99));
      all.add(of("snapshot" + size, "plain" + size, Metric.SAVE_TIME));
      all.add(of("qemu-way" + size, "plain" + size, Metric.SAVE_TIME));
    }
    return all;
  }

  private static void addAccess(List<Ratio> all, String access, List<String> others) {
    for (String other : others) {
      all.add(of(access, access + other, Metric.ACCESS_TIME));
      all.add(of(access, access + other, Metric.CPU_TIME));
    }
  }

  private static void addPaging(List<Ratio> all) {
    all.add(of("paging-evict", "c-evict", Metric.PAGE_NANOS));
    all.add(of("paging-evict-free", "c-evict", Metric.PAGE_NANOS));
    for (String name : List.of("read", "update")) {
      all.add(of("paging-" + name, "c-" + name, Metric.ACCESS_TIME));
      all.add(of("paging-" + name, "mmap-random-" + name, Metric.ACCESS_TIME));
    }
    for (Metric metric : List.of(Metric.RUN_TIME, Metric.CPU_TIME)) {
      for (String name : List.of("write", "sort")) {
        all.add(of("paging-" + name, "c-" + name, metric));
        all.add(of("paging-" + name, "mmap-" + name, metric));
      }
      all.add(of("java-sort", "paging-sort", metric));
    }
    all.add(of("paging-update-flushed", "paging-update-unflushed", Metric.FAULT_P99));
  }

  private static void addQemu(List<Ratio> all, String faultline, String qemu) {
    for (Metric metric :
        List.of(Metric.THROUGHPUT, Metric.FAULT_WAIT, Metric.BLOCKED, Metric.DOWNTIME)) {
      all.add(of(faultline, qemu, metric));
    }
  }

  private static void addQemuGuest(List<Ratio> all, String faultline, String qemu) {
    for (Metric metric :
        List.of(
            Metric.TOTAL, Metric.FAULT_WAIT, Metric.FAULT_P50, Metric.DOWNTIME, Metric.LONGEST)) {
      all.add(of(faultline, qemu, metric));
    }
  }

  private static void addCriu(List<Ratio> all, String faultline, String stock) {
    for (Metric metric :
        List.of(
            Metric.ALL_PAGES,
            Metric.FIRST_ANSWER,
            Metric.DOWNTIME,
            Metric.READS,
            Metric.DAEMON_CPU,
            Metric.DAEMON_MEMORY)) {
      all.add(of(faultline, stock, metric));
    }
  }

  private static Ratio of(String numerator, String denominator, Metric metric) {
    return new Ratio(
        numerator + " / " + denominator + ", " + metric.title(), numerator, denominator, metric);
  }
}
