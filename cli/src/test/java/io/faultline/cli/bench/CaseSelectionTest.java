package io.faultline.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.faultline.cli.bench.cases.CaseCatalog;
import io.faultline.cli.bench.cases.CriuCases;
import io.faultline.cli.bench.cases.PagingCases;
import io.faultline.cli.bench.cases.QemuComparisonCases;
import io.faultline.cli.bench.cases.RestoreCases;
import io.faultline.cli.bench.cases.SnapshotCases;
import io.faultline.cli.bench.cases.UffdHandlerCases;
import io.faultline.cli.bench.measure.BenchEnvironment;
import io.faultline.cli.bench.measure.WarmHugePages;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Ratio;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.bench.result.StubCase;
import io.faultline.cli.bench.result.Target;
import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CaseSelectionTest {
  private static final List<String> ONE_CPU = List.of("taskset", "-c", "0");

  private final List<BenchCase> all = CaseCatalog.migrations(environment(), 64L << 20, ONE_CPU);

  @Test
  void caseNamesAreUnique() {
    assertThat(all).extracting(BenchCase::name).doesNotHaveDuplicates();
  }

  @Test
  void withoutNamesAllCasesButThoseThatNeedOtherProgramsAreSelected() {
    assertThat(CaseSelection.of(List.of(), false, false, false, all).from(all))
        .isEqualTo(
            all.stream()
                .filter(each -> !CriuCases.isOf(each) && !PagingCases.isOf(each))
                .filter(each -> !SnapshotCases.isOf(each) && !RestoreCases.isOf(each))
                .filter(each -> !UffdHandlerCases.isOf(each))
                .filter(each -> each.table() != ResultTable.QEMU_GUESTS)
                .toList());
    assertThat(CaseSelection.of(List.of(), false, true, false, all).from(all))
        .extracting(BenchCase::name)
        .contains("guest-4k", "guest-2m-hybrid", "kvm-4k");
  }

  @Test
  void casesOfCriuAreSelectedWithThoseOfItsOwnDaemon() {
    assertThat(
            CaseSelection.of(List.of("criu"), false, false, false, all)
                .from(CriuCases.ofStock(environment())))
        .extracting(BenchCase::name)
        .contains("stock-idle", "stock-redis", "stock-restores")
        .hasSize((int) all.stream().filter(each -> each.table() == ResultTable.CRIU).count());
  }

  @Test
  void casesOfPagersAreSelectedWithThoseOfOtherSystems() {
    List<BenchCase> others = PagingCases.ofOthers(environment(), 64L << 20);
    assertThat(CaseSelection.of(List.of("paging"), false, false, false, all).from(others))
        .extracting(BenchCase::name)
        .contains("c-evict", "c-read", "mmap-random-read", "mmap-write", "mmap-sort")
        .doesNotContain("mmap-sort-4th");
    assertThat(CaseSelection.of(List.of("paging-sort"), false, false, false, all).from(others))
        .extracting(BenchCase::name)
        .containsExactly("c-sort", "mmap-sort");
  }

  @Test
  void casesOfSnapshotsAreSelectedWithThoseOfOtherWays() {
    List<BenchCase> others = SnapshotCases.ofOthers(environment(), 64L << 20);
    assertThat(CaseSelection.of(List.of("snapshots"), false, false, false, all).from(others))
        .extracting(BenchCase::name)
        .containsExactly("qemu-way", "qemu-way-large", "plain", "plain-large");
    assertThat(CaseSelection.of(List.of("snapshot"), false, false, false, all).from(others))
        .extracting(BenchCase::name)
        .containsExactly("qemu-way", "plain");
  }

  @Test
  void quickSelectsAFewCasesUnlessNamesAreGiven() {
    assertThat(CaseSelection.of(List.of(), true, false, false, all).from(all))
        .hasSizeBetween(5, 8)
        .extracting(BenchCase::table)
        .contains(ResultTable.FAULTS, ResultTable.BULK, ResultTable.DOWNTIME, ResultTable.EQUALS);
    assertThat(CaseSelection.of(List.of("copy-2m"), true, false, false, all).from(all))
        .extracting(BenchCase::name)
        .containsExactly("copy-2m");
  }

  @Test
  void qemuCasesAreSelectedWithTheirCounterpart() {
    assertThat(
            CaseSelection.of(List.of("kvm-200m"), false, false, false, all)
                .from(QemuComparisonCases.ofQemu(environment(), 64L << 20)))
        .extracting(BenchCase::name)
        .containsExactly("qemu-200m", "qemu-200m-preempt");
  }

  @Test
  void targetsAndRatiosNameExistingCases() {
    List<String> names =
        Stream.of(
                all,
                QemuComparisonCases.ofQemu(environment(), 64L << 20),
                CriuCases.ofStock(environment()),
                PagingCases.ofOthers(environment(), 64L << 20),
                SnapshotCases.ofOthers(environment(), 64L << 20),
                UffdHandlerCases.ofOthers(environment()))
            .flatMap(List::stream)
            .map(BenchCase::name)
            .toList();
    assertThat(
            Stream.concat(
                Target.all().stream().flatMap(each -> Stream.of(each.name(), each.baseline())),
                Ratio.all().stream()
                    .flatMap(each -> Stream.of(each.numerator(), each.denominator()))))
        .filteredOn(name -> !name.isEmpty() && !name.startsWith("floor-"))
        .filteredOn(name -> !name.matches("(umapsort|access-).*")) // UmapCasesTest
        .isSubsetOf(names);
  }

  @Test
  void tablesOfUmapAreKnownAndNeedIt() {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> CaseSelection.of(List.of("umapsort"), false, false, false, all))
        .withMessageContaining("needs --umap DIR");
    assertThat(CaseSelection.of(List.of(), false, false, true, all).from(all)).isEmpty();
    assertThat(CaseSelection.of(List.of("umapsort", "bulk"), false, false, true, all).from(all))
        .extracting(BenchCase::table)
        .containsOnly(ResultTable.BULK);
  }

  @Test
  void oneRowOfUmapIsSelectedWithOurs() {
    List<BenchCase> rows =
        List.of(
            row("umapsort", "umapsort"),
            row("umapsort-umap-1m", "umapsort"),
            row("umapsort-mmap", "umapsort"),
            row("access-read", "access-read"));
    List<String> names = List.of("umapsort-umap-1m");
    assertThat(CaseSelection.of(names, false, false, true, rows).from(rows))
        .extracting(BenchCase::name)
        .containsExactly("umapsort", "umapsort-umap-1m");
  }

  private static BenchCase row(String name, String counterpart) {
    return new StubCase(name, ResultTable.UMAPSORT, name, counterpart);
  }

  @Test
  void recordedCasesDifferFromTheOthersOnlyByTheReport() {
    for (String link : List.of("", "-bulk")) {
      assertThat(command("report-on" + link))
          .isEqualTo(command("report-off" + link) + " --report=/dev/null");
    }
  }

  private String command(String name) {
    return all.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow()
        .command();
  }

  @Test
  void namesSelectCasesAndTables() {
    assertThat(CaseSelection.of(List.of("bulk-2m", "downtime"), false, false, false, all).from(all))
        .extracting(BenchCase::name)
        .containsExactly(
            "bulk-2m",
            "downtime-small",
            "downtime-medium",
            "downtime-large",
            "downtime-hybrid-small",
            "downtime-hybrid-medium",
            "downtime-hybrid-large");
  }

  @Test
  void unknownNameIsRefusedWithTheValidNames() {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> CaseSelection.of(List.of("blk"), false, false, false, all))
        .withMessageContaining("'blk'")
        .withMessageContaining("bulk-2m");
  }

  @Test
  void commandReproducesTheCase() {
    assertThat(all.getFirst().command())
        .startsWith("faultline demo --ram=33554432 --seed=7 ")
        .contains("--bandwidth=1m");
    assertThat(all.get(2).command()).startsWith("taskset -c 0 faultline demo");
  }

  @Test
  void invalidSizesAndRoundsAreRefused() {
    for (String size : List.of("1m", "33m")) {
      assertThatExceptionOfType(UsageException.class)
          .isThrownBy(
              () ->
                  BenchSettings.of(
                      true,
                      ByteSize.parse(size),
                      null,
                      1,
                      List.of(),
                      false,
                      false,
                      Optional.empty(),
                      null))
          .withMessageContaining(size);
    }
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(
            () ->
                BenchSettings.of(
                    false, null, 0, 1, List.of(), false, false, Optional.empty(), null));
  }

  private static BenchEnvironment environment() {
    Kernel kernel = new SimulatedKernel();
    return new BenchEnvironment(kernel, new WarmHugePages(kernel), Path.of("scratch"), 7, true);
  }
}
