package io.faultline.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.faultline.demo.options.ByteSize;
import io.faultline.demo.options.UsageException;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static final List<String> ONE_CPU = List.of("taskset", "-c", "0");

  private final List<BenchCase> all =
      Cases.migrations(
          new Laboratory(new SimulatedKernel(), Path.of("scratch"), 7, true), 64L << 20, ONE_CPU);

  @Test
  void everyCaseHasANameOfItsOwn() {
    assertThat(all).extracting(BenchCase::name).doesNotHaveDuplicates();
  }

  @Test
  void nothingAskedForIsEverything() {
    assertThat(Selection.of(List.of(), all).from(all)).isEqualTo(all);
  }

  @Test
  void casesAndWholeTablesCanBeAskedFor() {
    assertThat(Selection.of(List.of("bulk-2m", "downtime"), all).from(all))
        .extracting(BenchCase::name)
        .containsExactly("bulk-2m", "downtime-small", "downtime", "downtime-large");
  }

  @Test
  void unknownNameIsToldWithThoseThereAre() {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> Selection.of(List.of("blk"), all))
        .withMessageContaining("'blk'")
        .withMessageContaining("bulk-2m");
  }

  @Test
  void ratiosAreOfCasesThatExist() {
    List<String> names = all.stream().map(BenchCase::name).toList();
    assertThat(Ratio.all())
        .extracting(Ratio::above)
        .filteredOn(name -> !name.startsWith("floor-"))
        .isSubsetOf(names);
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
          .isThrownBy(() -> BenchSettings.of(true, ByteSize.parse(size), null, 1, List.of(), false))
          .withMessageContaining(size);
    }
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> BenchSettings.of(false, null, 0, 1, List.of(), false));
  }
}
