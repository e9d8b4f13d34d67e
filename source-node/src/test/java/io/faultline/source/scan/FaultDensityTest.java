package io.faultline.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class FaultDensityTest {
  private static final int MIB = 1 << 20;

  private final List<ScanRegion> regions = List.of(new FakeScanRegion(7 * MIB / 4096));

  @Test
  void eachRequestInABlockPrefetchesMoreThanTheOneBefore() {
    FaultDensity density = new FaultDensity(regions, false);
    assertThat(density.requested(0, 0)).isZero();
    assertThat(density.requested(0, 2 * MIB - 4096)).isEqualTo(16);
    assertThat(density.requested(0, MIB)).isEqualTo(64);
    for (int i = 0; i < 300; i++) {
      assertThat(density.requested(0, MIB)).isEqualTo(128);
    }
  }

  @Test
  void blocksAreCountedSeparatelyUpToThePartialLastOne() {
    FaultDensity density = new FaultDensity(regions, false);
    for (long offset = 0; offset < 7 * MIB; offset += 2 * MIB) {
      assertThat(density.requested(0, offset)).isZero();
    }
    assertThat(density.requested(0, 7 * MIB - 4096)).isEqualTo(16);
  }

  @Test
  void firstRequestPrefetchesSomeIfAllPagesWereWritten() {
    FaultDensity density = new FaultDensity(regions, true);
    assertThat(density.requested(0, 0)).isEqualTo(16);
    assertThat(density.requested(0, 0)).isEqualTo(64);
  }
}
