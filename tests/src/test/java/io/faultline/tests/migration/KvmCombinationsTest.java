package io.faultline.tests.migration;

import io.faultline.demo.vm.VmKind;
import io.faultline.memory.Placement;
import io.faultline.source.MigrationMode;
import io.faultline.tests.tags.Nightly;
import io.faultline.tests.tags.RunsAlone;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Combinations with a KVM VM; only the most different ones with gigantic pages, which take long.
 */
class KvmCombinationsTest extends Combinations {
  KvmCombinationsTest() {
    super(VmKind.KVM);
  }

  @BeforeAll
  static void assumeKvm() {
    MigrationHost.assumeKvm();
  }

  @RunsAlone
  @Test
  void giganticPages() throws Exception {
    migrateGiganticPages(
        MigrationSetup.of(MigrationMode.HYBRID, Placement.CONTINUE, /* ownDirtyLog= */ true));
  }

  @Nightly
  @RunsAlone
  @ParameterizedTest
  @CsvSource({"POSTCOPY, COPY, true", "PRECOPY, CONTINUE, false"})
  void giganticPagesInOtherModes(MigrationMode mode, Placement placement, boolean ownLog)
      throws Exception {
    migrateGiganticPages(MigrationSetup.of(mode, placement, ownLog));
  }
}
