package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.measure.MigrationCase;
import io.faultline.cli.bench.measure.QemuCase;
import io.faultline.cli.bench.qemu.QemuSettings;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A guest under KVM whose one vCPU reads and writes random pages of its whole memory, migrated by
 * this project and by QEMU.
 */
public final class QemuComparisonCases {
  /** The throughput of a 1.6 Gbit/s link. */
  static final long LIMIT_BYTES_PER_SECOND = 200_000_000;

  private static final String SMALL_PAGES = "kvm-4k";
  private static final String POPULATED = "kvm-4k-continue";
  private static final String HUGE_PAGES = "kvm-2m";
  private static final String LIMITED = "kvm-200m";

  private QemuComparisonCases() {}

  /** Adds the cases of this project. */
  static void add(CaseList list) {
    list.add(faultline(list, SMALL_PAGES, "4 KiB pages", List.of()).withWarmMemory());
    List<String> continued = List.of("--place=continue"); // QEMU always copies
    List<String> shared = List.of("--place=continue", "--backing=shmem");
    list.add(
        faultline(list, POPULATED, "4 KiB pages, continue, populated", shared)
            .withPopulatedMemory());
    list.add(faultline(list, HUGE_PAGES, "2 MiB pages, continue", continued).withHugePages());
    list.add(
        faultline(
            list,
            LIMITED,
            "4 KiB pages, 200 MB/s",
            List.of("--bandwidth=" + LIMIT_BYTES_PER_SECOND)));
  }

  /** The cases of QEMU, each with one of this project as its counterpart. */
  public static List<BenchCase> ofQemu(BenchEnvironment environment, long ramBytes) {
    return Stream.of(SMALL_PAGES, HUGE_PAGES, LIMITED)
        .flatMap(
            name ->
                Stream.of(false, true).map(preempt -> ofQemu(environment, ramBytes, name, preempt)))
        .toList();
  }

  private static MigrationCase faultline(
      CaseList list, String name, String title, List<String> more) {
    List<String> options = new ArrayList<>(List.of("--vm=kvm", "--vcpus=1", "--workload=uniform"));
    options.add("--working-set=" + list.ramBytes());
    options.addAll(more);
    return list.migration(ResultTable.EQUALS, name, "Faultline: " + title, options);
  }

  private static BenchCase ofQemu(
      BenchEnvironment environment, long ramBytes, String counterpart, boolean preempt) {
    boolean huge = counterpart.equals(HUGE_PAGES);
    boolean limited = counterpart.equals(LIMITED);
    String name = counterpart.replace("kvm", "qemu") + (preempt ? "-preempt" : "");
    String title =
        (preempt ? "QEMU, preempt: " : "QEMU: ")
            + (huge ? "2 MiB pages" : "4 KiB pages")
            + (limited ? ", 200 MB/s" : "");
    QemuSettings settings = new QemuSettings(huge, preempt, limited ? LIMIT_BYTES_PER_SECOND : 0);
    return new QemuCase(environment, counterpart, name, title, ramBytes, settings);
  }
}
