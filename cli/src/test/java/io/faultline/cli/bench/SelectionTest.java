package io.faultline.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static final List<String> ONE_CPU = List.of("taskset", "-c", "0");

  private final List<BenchCase> all = Cases.migrations(environment(), 64L << 20, ONE_CPU);

  @Test
  void everyCaseHasANameOfItsOwn() {
    assertThat(all).extracting(BenchCase::name).doesNotHaveDuplicates();
  }

  @Test
  void nothingAskedForIsEverything() {
    assertThat(Selection.of(List.of(), false, all).from(all)).isEqualTo(all);
  }

  @Test
  void firstLookIsFewCasesUnlessOthersAreAskedFor() {
    assertThat(Selection.of(List.of(), true, all).from(all))
        .hasSizeBetween(5, 8)
        .extracting(BenchCase::figure)
        .contains(Figure.FAULTS, Figure.BULK, Figure.DOWNTIME, Figure.EQUALS);
    assertThat(Selection.of(List.of("copy-2m"), true, all).from(all))
        .extracting(BenchCase::name)
        .containsExactly("copy-2m");
  }

  @Test
  void qemuGoesWithTheCaseOfTheSameGuest() {
    assertThat(
            Selection.of(List.of("kvm-200m"), false, all)
                .from(EqualCases.ofQemu(environment(), 64L << 20)))
        .extracting(BenchCase::name)
        .containsExactly("qemu-200m", "qemu-200m-preempt");
  }

  @Test
  void targetsAndRatiosAreOfCasesThatExist() {
    List<String> names =
        Stream.concat(all.stream(), EqualCases.ofQemu(environment(), 64L << 20).stream())
            .map(BenchCase::name)
            .toList();
    assertThat(
            Stream.concat(
                Target.all().stream().flatMap(each -> Stream.of(each.name(), each.over())),
                Ratio.all().stream().flatMap(each -> Stream.of(each.above(), each.below()))))
        .filteredOn(name -> !name.isEmpty() && !name.startsWith("floor-"))
        .isSubsetOf(names);
  }

  @Test
  void casesAndWholeTablesCanBeAskedFor() {
    assertThat(Selection.of(List.of("bulk-2m", "downtime"), false, all).from(all))
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
  void unknownNameIsToldWithThoseThereAre() {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Selection.of(List.of("blk"), false, all))
        .withMessageContaining("'blk'")
        .withMessageContaining("bulk-2m");
  }

  @Test
  void commandOfACaseCanBeRunByHand() {
    assertThat(all.getFirst().command())
        .startsWith("faultline demo --ram=33554432 --seed=7 ")
        .contains("--bandwidth=1m");
    assertThat(all.get(2).command()).startsWith("taskset -c 0 faultline demo");
  }

  @Test
  void sizesThatCannotBeDividedAreRefused() {
    for (String size : List.of("1m", "33m")) {
      assertThatExceptionOfType(UsageException.class)
          .isThrownBy(
              () -> BenchSettings.of(true, ByteSize.parse(size), null, 1, List.of(), false, false))
          .withMessageContaining(size);
    }
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> BenchSettings.of(false, null, 0, 1, List.of(), false, false));
  }

  private static BenchEnvironment environment() {
    Kernel kernel = new SimulatedKernel();
    return new BenchEnvironment(kernel, new HugePool(kernel), Path.of("scratch"), 7, true);
  }
}
