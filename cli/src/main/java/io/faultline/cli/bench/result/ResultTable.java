package io.faultline.cli.bench.result;

import java.util.List;
import java.util.Locale;

/** A table of the report: its title, note and columns. */
public enum ResultTable {
  FAULTS(
      "Remote page faults, as the vCPU sees them",
      "One vCPU reads random pages of its whole memory; no page is prefetched. Accesses of up to"
          + " 10 us found their page present and do not count. One CPU: all processes of the case"
          + " share one CPU.",
      List.of(
          Metric.FAULT_P50, Metric.FAULT_P90, Metric.FAULT_P99, Metric.FAULT_P999, Metric.FAULTS)),
  TIMELINE(
      "Where the time of a remote fault goes",
      "As with an idle link above, from timestamps that the vCPU and both nodes recorded with Java"
          + " Flight Recorder, which adds some overhead; without the AOT cache. Consecutive parts"
          + " add up to the whole.",
      List.of(Metric.PART_P50, Metric.PART_P99)),
  RECORDING(
      "Faults with and without a report",
      "As in the first table, without and with --report at the destination, which then records"
          + " the times of each fault, of its request and of its page.",
      List.of(
          Metric.FAULT_P50, Metric.FAULT_P90, Metric.FAULT_P99, Metric.FAULT_P999, Metric.FAULTS)),
  BULK(
      "Bulk transfer",
      "The guest is nearly idle. Throughput is measured from the end of the set-up until the source"
          + " learns that every page has arrived; CPU time is that of the whole migration. Delayed"
          + " link: a relay adds 25 ms in each direction and limits each connection to 1 MiB in"
          + " flight.",
      List.of(Metric.THROUGHPUT, Metric.SOURCE_CPU, Metric.DEST_CPU, Metric.DEST_MEMORY)),
  COLLECTORS(
      "Faults while the garbage collector runs",
      "As with an idle link above, while both nodes allocate 200 MiB of garbage per second in a"
          + " heap of 96 MiB, or of 256 MiB with a young generation of 128 MiB. The fault path"
          + " itself allocates nothing. Without the AOT cache, which needs the launcher's"
          + " collector.",
      List.of(Metric.FAULT_P50, Metric.FAULT_P99, Metric.FAULT_P999, Metric.COLLECTIONS)),
  EQUALS(
      "Identical guests under KVM, migrated by Faultline and by QEMU",
      "One vCPU reads and writes random pages of its whole memory: the same code on the same"
          + " content. Blocked and fault p99: gaps of more than 10 us between two operations, as"
          + " the guest itself counts them; these include pages that are present but not yet mapped"
          + " by the hypervisor. QEMU's faults are the requests that its source counts; its"
          + " downtime is from STOP to RESUME, as for guests of QEMU that Faultline moves.",
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
  QEMU_GUESTS(
      "A guest of QEMU, moved by Faultline and by QEMU itself",
      "The guest of the table before, under QEMU's binary translation (TCG), so that no /dev/kvm is"
          + " needed. Downtime: from the event STOP of the source's QEMU to RESUME of the"
          + " destination's, for both. Request to resume: from before QEMU is told to migrate, with"
          + " its set-up, in which the guest runs. Blocked, fault p99 and longest wait: as the"
          + " guest itself counts them.",
      List.of(
          Metric.TOTAL,
          Metric.FAULTS,
          Metric.BLOCKED,
          Metric.FAULT_WAIT,
          Metric.FAULT_P50,
          Metric.FAULT_P99,
          Metric.DOWNTIME,
          Metric.SWITCHOVER,
          Metric.LONGEST)),
  DOWNTIME(
      "Downtime by RAM size",
      "Two vCPUs at full speed. Downtime: source pause to first instruction; the guest pause also"
          + " includes the first page fault. Postcopy phase: from the switchover until every page"
          + " has arrived.",
      List.of(
          Metric.DOWNTIME,
          Metric.GUEST_PAUSE,
          Metric.POSTCOPY,
          Metric.BLOCKED,
          Metric.LONGEST,
          Metric.DEST_MEMORY)),
  WORKLOADS(
      "Workloads",
      "Two vCPUs at full speed on a quarter of the memory (sequential: on all of it); postcopy, or"
          + " hybrid with one precopy round. The bulk connection is limited to 100 MB/s, as on a"
          + " 0.8 Gbit/s link; requested pages are not limited. All off: without prefetch, bubbling"
          + " and, in hybrid, hot pages first.",
      List.of(
          Metric.FAULTS,
          Metric.FAULTS_PER_100,
          Metric.BLOCKED,
          Metric.FAULT_P50,
          Metric.FAULT_P99,
          Metric.TOTAL)),
  PLACEMENT(
      "Copy and continue placement, 4 KiB and 2 MiB pages",
      "Hybrid: one precopy round, the rest after the switchover. Two vCPUs, 20000 operations per"
          + " second.",
      List.of(
          Metric.DOWNTIME,
          Metric.FAULTS,
          Metric.FAULT_P50,
          Metric.BLOCKED,
          Metric.SENT,
          Metric.TOTAL)),
  RESTORE(
      "Restores of a snapshot",
      "Two vCPUs at full speed do 10,000 operations each, for a GiB of memory, on zipf-distributed"
          + " pages of all of it. First instruction: from the opening of the file by a node that"
          + " is ready. Workload: from then until all operations are done. Working set: that of an"
          + " earlier run. Stale: as many pages elsewhere.",
      List.of(
          Metric.FIRST_INSTRUCTION,
          Metric.FAULTS,
          Metric.BLOCKED,
          Metric.WORKLOAD_TIME,
          Metric.POSTCOPY)),
  CRIU(
      "Processes moved by stock CRIU, with its lazy-pages and with ours",
      "CRIU dumps on one host and restores on another; both are namespaces of this machine. First"
          + " answer and all pages: from the start of criu restore, the latter until lazy-pages has"
          + " ended. Downtime: from the start of criu dump to the first answer. CPU and memory"
          + " (largest resident size) are those of lazy-pages. The contents were checked.",
      List.of(
          Metric.ALL_PAGES,
          Metric.FIRST_ANSWER,
          Metric.DOWNTIME,
          Metric.READS,
          Metric.DAEMON_CPU,
          Metric.DAEMON_MEMORY)),
  CRIU_RIGHT(
      "Processes that change their memory while it arrives",
      "16 MiB over a link of 160 Mbit/s with a round trip of 10 ms, one run in each round. A run is"
          + " right if all contents are right, CRIU's dump and lazy-pages have succeeded within 20"
          + " s, and the frozen source has ended then and not before.",
      List.of(Metric.RIGHT)),
  UMAPSORT(
      "umapsort in less memory than its data, on Faultline, umap and mmap",
      "umap's own binary, 2 threads: it fills a file, sorts it in place and validates the result."
          + " Faultline: the same binary with our libumap.so, and a pager process that is running"
          + " before; its CPU time and its bytes count. umap: the page size is what its user has to"
          + " choose. mmap: in a memory cgroup of the buffer and 32 MiB; without writing back what"
          + " is dirty at the end, which the others do.",
      List.of(Metric.RUN_TIME, Metric.CPU_TIME, Metric.READ_BYTES, Metric.WRITTEN_BYTES)),
  PFBENCHMARK(
      "Single accesses to 4 KiB pages, on Faultline, umap and mmap",
      "umap's own pfbenchmark, 2 threads, as in the table before. Writes: each page once, in order,"
          + " of a new file. Reads and read-modify-writes: as many random pages as half of the file"
          + " has, of a file that is not in the page cache. Per access: as the program prints it;"
          + " the run time has its start and end too.",
      List.of(
          Metric.ACCESS_TIME,
          Metric.RUN_TIME,
          Metric.CPU_TIME,
          Metric.READ_BYTES,
          Metric.WRITTEN_BYTES)),
  PAGING(
      "Memory larger than RAM, in process",
      "Two threads on a file, and a buffer for a part of it. C: a pager that makes the same calls."
          + " mmap: in a memory cgroup of the size of the buffer and 32 MiB more; the CPU time of"
          + " the kernel's own threads is not counted. Time ends when all is in the file. Faults:"
          + " accesses of more than 2 us. Every value that was read was compared.",
      List.of(
          Metric.RUN_TIME,
          Metric.ACCESS_TIME,
          Metric.CPU_TIME,
          Metric.READ_BYTES,
          Metric.WRITTEN_BYTES,
          Metric.FAULT_P50,
          Metric.FAULT_P99,
          Metric.PAGE_NANOS,
          Metric.RESIDENT)),
  PAGING_BUFFERS(
      "Parallel quicksort by the size of the buffer",
      "As in the table before.",
      List.of(Metric.RUN_TIME, Metric.CPU_TIME, Metric.READ_BYTES, Metric.WRITTEN_BYTES)),
  SNAPSHOTS(
      "Snapshots of a guest that writes as fast as it can",
      "Native code writes to random pages. QEMU's way: all memory is write-protected in the pause,"
          + " and a page that is written goes to the file before it is released. The same bytes"
          + " alone: in writes of 1 MiB, without a guest. All go past the page cache, and are"
          + " durable at the end. Total: from the request on; writes: those between pause and end."
          + " Each image was compared with the guest at its pause. demo: a VM with two vCPUs in a"
          + " JVM that has just started; the others have taken snapshots before.",
      List.of(
          Metric.PAUSE,
          Metric.WRITE_P50,
          Metric.WRITE_P99,
          Metric.WRITE_MAX,
          Metric.SAVE_TIME,
          Metric.FAULTS,
          Metric.BLOCKED)),
  UFFD_HANDLER(
      "Firecracker's page-fault handler",
      "A program with Firecracker's protocol, on a memory file of 64 MiB in the page cache; nothing"
          + " is filled in the background. For the faults, the handler and the VM have a CPU each."
          + " CPU: of the handler from its start on, with the JVM's. CPU when idle: of the thread"
          + " of a VM that waits.",
      List.of(
          Metric.FAULT_P50,
          Metric.FAULT_P90,
          Metric.FAULT_P99,
          Metric.FAULTS,
          Metric.RIGHT,
          Metric.CPU_TIME,
          Metric.IDLE_CPU));

  private final String title;
  private final String note;

  @SuppressWarnings("ImmutableEnumChecker") // List.of has no setters
  private final List<Metric> metrics;

  ResultTable(String title, String note, List<Metric> metrics) {
    this.title = title;
    this.note = note;
    this.metrics = metrics;
  }

  public String title() {
    return title;
  }

  /** How the numbers were measured. */
  public String note() {
    return note;
  }

  /** The columns. */
  public List<Metric> metrics() {
    return metrics;
  }

  /** The name on the command line and in JSON. */
  public String key() {
    return this == UFFD_HANDLER ? "uffd-handler" : name().toLowerCase(Locale.ROOT);
  }
}
