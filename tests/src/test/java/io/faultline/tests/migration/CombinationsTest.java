package io.faultline.tests.migration;

import io.faultline.demo.vm.VmKind;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.source.MigrationMode;
import io.faultline.tests.tags.Nightly;
import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.simulated.SimulatedKernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Combinations with a simulated VM, also on the simulated kernel. */
class CombinationsTest extends Combinations {
  CombinationsTest() {
    super(VmKind.SIMULATED);
  }

  /** The two most different ones; {@link #giganticPagesInEveryMode} covers the others. */
  @RunsAlone
  @ParameterizedTest
  @CsvSource({"POSTCOPY, COPY, false", "HYBRID, CONTINUE, true"})
  void giganticPages(MigrationMode mode, Placement placement, boolean ownLog) throws Exception {
    migrateGiganticPages(MigrationSetup.of(mode, placement, ownLog));
  }

  @Nightly
  @RunsAlone
  @ParameterizedTest(name = "{0}, {1}, own log {2}")
  @MethodSource("combinationsOfOneLog")
  void giganticPagesInEveryMode(MigrationMode mode, Placement placement, boolean ownLog)
      throws Exception {
    migrateGiganticPages(MigrationSetup.of(mode, placement, ownLog));
  }

  /** The simulated kernel has huge pages on every machine. */
  @ParameterizedTest(name = "{0}, {1}, own log {2}")
  @MethodSource("combinations")
  void simulatedHugePages(MigrationMode mode, Placement placement, boolean ownLog)
      throws Exception {
    run(
        new SimulatedKernel(),
        Backing.HUGETLB_2M,
        16 * MIB,
        MigrationSetup.of(mode, placement, ownLog));
  }
}
