package io.faultline.cli.bench;

import java.util.List;
import java.util.Locale;

/** A table: what its rows share. */
enum Figure {
  FAULTS(
      "Remote page faults, as the vCPU sees them",
      "One vCPU reads pages at random all over its memory; nothing is sent ahead of its requests."
          + " Accesses of up to 10 us found their page and do not count. One CPU: all processes of"
          + " the case share it.",
      List.of(
          Metric.FAULT_P50, Metric.FAULT_P90, Metric.FAULT_P99, Metric.FAULT_P999, Metric.FAULTS)),
  TIMELINE(
      "Where the time of a remote fault goes",
      "As with an idle link above, from moments that the vCPU and both nodes recorded (Java Flight"
          + " Recorder, which costs some of the time; without the AOT cache). Parts one after"
          + " another make up the whole.",
      List.of(Metric.PART_P50, Metric.PART_P99)),
  BULK(
      "Bulk transfer",
      "The guest keeps nearly still. From the end of the set-up to the news that every page has"
          + " arrived; CPU time of the nodes is that of the whole migration. Far away: a relay"
          + " delays what it passes on by 25 ms, either way, and lets each connection have 1 MiB"
          + " under way.",
      List.of(Metric.THROUGHPUT, Metric.SOURCE_CPU, Metric.DEST_CPU, Metric.DEST_MEMORY)),
  COLLECTORS(
      "Faults while the garbage collector runs",
      "As with an idle link above, while both nodes make 200 MiB of garbage a second, in a heap of"
          + " 96 MiB, or one of 256 MiB of which 128 are for what is new: the path of a fault makes"
          + " none. Without the AOT cache, which is one of the launcher's collector.",
      List.of(Metric.FAULT_P50, Metric.FAULT_P99, Metric.FAULT_P999, Metric.COLLECTIONS)),
  EQUALS(
      "Equal guests under KVM",
      "One vCPU reads and writes pages at random all over its memory: the same code on the same"
          + " contents. Blocked: time in gaps over 10 us between two operations, and their p99, as"
          + " the guest counts them, whoever migrates it; where the page was there and only the"
          + " hypervisor's tables lacked it, too. Faults of QEMU are the requests that its source"
          + " counts; its downtime is from STOP to RESUME.",
      List.of(
          Metric.TOTAL,
          Metric.THROUGHPUT,
          Metric.FAULTS,
          Metric.BLOCKED,
          Metric.FAULT_WAIT,
          Metric.FAULT_P99,
          Metric.OWN_BLOCKED,
          Metric.DOWNTIME,
          Metric.LONGEST)),
  DOWNTIME(
      "Downtime by RAM size",
      "Two vCPUs at full speed. Downtime: source pause to first instruction; the guest's pause also"
          + " holds its first page fault. Behind the switchover: until every page is there.",
      List.of(
          Metric.DOWNTIME,
          Metric.GUEST_PAUSE,
          Metric.POSTCOPY,
          Metric.BLOCKED,
          Metric.LONGEST,
          Metric.DEST_MEMORY)),
  WORKLOADS(
      "Workloads",
      "Two vCPUs at full speed on a quarter of the memory (sequential: all of it); postcopy, or"
          + " hybrid: one round ahead of the VM. The bulk connection is held to 100 MB/s, as on a"
          + " link of 0.8 Gbit/s; what is asked for is not. All off: without prefetch, bubbling"
          + " and, in hybrid, hot pages first.",
      List.of(
          Metric.FAULTS,
          Metric.FAULTS_PER_100,
          Metric.BLOCKED,
          Metric.FAULT_P50,
          Metric.FAULT_P99,
          Metric.TOTAL)),
  PLACEMENT(
      "Copy against continue, 4 KiB against 2 MiB",
      "Hybrid: one round ahead of the VM, the rest behind it. Two vCPUs, 20000 operations each"
          + " second.",
      List.of(
          Metric.DOWNTIME,
          Metric.FAULTS,
          Metric.FAULT_P50,
          Metric.BLOCKED,
          Metric.SENT,
          Metric.TOTAL));

  private final String title;
  private final String note;

  @SuppressWarnings("ImmutableEnumChecker") // List.of has no setters
  private final List<Metric> metrics;

  Figure(String title, String note, List<Metric> metrics) {
    this.title = title;
    this.note = note;
    this.metrics = metrics;
  }

  String title() {
    return title;
  }

  /** What a reader must know to judge the numbers. */
  String note() {
    return note;
  }

  /** The columns. */
  List<Metric> metrics() {
    return metrics;
  }

  /** As on the command line. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
