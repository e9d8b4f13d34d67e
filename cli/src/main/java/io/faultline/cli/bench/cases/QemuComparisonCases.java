package io.faultline.cli.bench.cases;

import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.measure.MigrationCase;
import io.faultline.cli.bench.measure.QemuCase;
import io.faultline.cli.bench.measure.QemuGuestCase;
import io.faultline.cli.bench.qemu.QemuSettings;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.ResultTable;
import java.util.ArrayList;
import java.util.List;

/**
 * A guest whose one vCPU reads and writes random pages of its whole memory, migrated by this
 * project and by QEMU: under KVM, in this project's own VM and in QEMU; and under QEMU's binary
 * translation, in QEMU both times.
 */
public final class QemuComparisonCases {
  /** The throughput of a 1.6 Gbit/s link. */
  static final long LIMIT_BYTES_PER_SECOND = 200_000_000;

  private static final String SMALL_PAGES = "kvm-4k";
  private static final String POPULATED = "kvm-4k-continue";
  private static final String HUGE_PAGES = "kvm-2m";
  private static final String LIMITED = "kvm-200m";
  private static final String GUEST_SMALL_PAGES = "guest-4k";
  private static final String GUEST_HUGE_PAGES = "guest-2m";

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
    guests(list.environment(), list.ramBytes()).forEach(list::add);
  }

  /** The cases of QEMU, each with one of this project as its counterpart. */
  public static List<BenchCase> ofQemu(BenchEnvironment environment, long ramBytes) {
    List<BenchCase> all = new ArrayList<>();
    for (String name :
        List.of(SMALL_PAGES, HUGE_PAGES, LIMITED, GUEST_SMALL_PAGES, GUEST_HUGE_PAGES)) {
      all.add(ofQemu(environment, ramBytes, name, false));
      all.add(ofQemu(environment, ramBytes, name, true));
    }
    return all;
  }

  private static List<BenchCase> guests(BenchEnvironment environment, long ramBytes) {
    List<String> copied = List.of("--mode=postcopy", "--place=copy");
    List<String> continued = List.of("--mode=postcopy", "--place=continue");
    List<String> hybrid = List.of("--mode=hybrid", "--place=continue");
    return List.of(
        new QemuGuestCase(
            environment,
            GUEST_SMALL_PAGES,
            "Faultline: 4 KiB pages",
            ramBytes,
            false,
            false,
            copied),
        new QemuGuestCase(
            environment,
            "guest-4k-continue",
            "Faultline: 4 KiB pages, continue",
            ramBytes,
            false,
            false,
            continued),
        new QemuGuestCase(
            environment,
            GUEST_HUGE_PAGES,
            "Faultline: 2 MiB pages, continue",
            ramBytes,
            false,
            true,
            continued),
        new QemuGuestCase(
            environment,
            "guest-2m-hybrid",
            "Faultline: 2 MiB pages, hybrid, continue",
            ramBytes,
            false,
            true,
            hybrid),
        new QemuGuestCase(
            environment,
            "kvm-guest-4k",
            "Faultline, in QEMU: 4 KiB pages",
            ramBytes,
            true,
            false,
            copied),
        new QemuGuestCase(
            environment,
            "kvm-guest-2m",
            "Faultline, in QEMU: 2 MiB pages, continue",
            ramBytes,
            true,
            true,
            continued));
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
    boolean kvm = counterpart.startsWith("kvm");
    boolean huge = counterpart.equals(HUGE_PAGES) || counterpart.equals(GUEST_HUGE_PAGES);
    boolean limited = counterpart.equals(LIMITED);
    String name =
        counterpart.replace("kvm", "qemu").replace("guest", "tcg") + (preempt ? "-preempt" : "");
    String title =
        (preempt ? "QEMU, preempt: " : "QEMU: ")
            + (huge ? "2 MiB pages" : "4 KiB pages")
            + (limited ? ", 200 MB/s" : "");
    QemuSettings settings =
        new QemuSettings(kvm, huge, preempt, limited ? LIMIT_BYTES_PER_SECOND : 0);
    return new QemuCase(environment, counterpart, name, title, ramBytes, settings);
  }
}
