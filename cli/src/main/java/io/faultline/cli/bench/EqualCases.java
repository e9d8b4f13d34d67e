package io.faultline.cli.bench;

import io.faultline.cli.bench.qemu.QemuSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A guest under KVM, one vCPU that reads and writes pages at random all over its memory: as we
 * migrate it, and as QEMU does.
 */
final class EqualCases {
  /** What a link of 1.6 Gbit/s carries, in bytes a second. */
  static final long LIMIT = 200_000_000;

  private static final String SMALL_PAGES = "kvm-4k";
  private static final String POPULATED = "kvm-4k-continue";
  private static final String HUGE_PAGES = "kvm-2m";
  private static final String LIMITED = "kvm-200m";

  private EqualCases() {}

  /** Adds ours. */
  static void add(CaseList list) {
    list.add(ours(list, SMALL_PAGES, "4 KiB pages", List.of()).onWarmMemory());
    List<String> continued = List.of("--place=continue"); // QEMU copies, whatever memory it is
    List<String> shared = List.of("--place=continue", "--backing=shmem");
    list.add(ours(list, POPULATED, "4 KiB pages, continue, populated", shared).populated());
    list.add(ours(list, HUGE_PAGES, "2 MiB pages, continue", continued).ofHugePages());
    list.add(ours(list, LIMITED, "4 KiB pages, 200 MB/s", List.of("--bandwidth=" + LIMIT)));
  }

  /** QEMU's, each of which goes with one of ours. */
  static List<BenchCase> ofQemu(BenchEnvironment environment, long ramBytes) {
    return Stream.of(SMALL_PAGES, HUGE_PAGES, LIMITED)
        .flatMap(
            name ->
                Stream.of(false, true).map(preempt -> ofQemu(environment, ramBytes, name, preempt)))
        .toList();
  }

  private static MigrationCase ours(CaseList list, String name, String title, List<String> more) {
    List<String> options = new ArrayList<>(List.of("--vm=kvm", "--vcpus=1", "--workload=uniform"));
    options.add("--working-set=" + list.ramBytes());
    options.addAll(more);
    return list.of(Figure.EQUALS, name, "ours: " + title, options);
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
    QemuSettings settings = new QemuSettings(huge, preempt, limited ? LIMIT : 0);
    return new QemuCase(environment, counterpart, name, title, ramBytes, settings);
  }
}
