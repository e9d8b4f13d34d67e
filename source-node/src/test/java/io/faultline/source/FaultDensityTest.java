package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FaultDensityTest {
  private static final long MIB = 1 << 20;

  private final MemoryRegion ram =
      MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, 7 * MIB);
  private final OutgoingRegions regions = new OutgoingRegions(List.of(ram), Placement.COPY);

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void eachRequestInAStretchBringsMoreThanTheOneBefore() {
    FaultDensity density = new FaultDensity(regions, false);
    assertThat(density.requested(0, 0)).isZero();
    assertThat(density.requested(0, 2 * MIB - 4096)).isEqualTo(16);
    assertThat(density.requested(0, MIB)).isEqualTo(64);
    for (int i = 0; i < 300; i++) {
      assertThat(density.requested(0, MIB)).isEqualTo(128);
    }
  }

  @Test
  void stretchesCountForThemselvesUpToTheLastPartOfOne() {
    FaultDensity density = new FaultDensity(regions, false);
    for (long offset = 0; offset < 7 * MIB; offset += 2 * MIB) {
      assertThat(density.requested(0, offset)).isZero();
    }
    assertThat(density.requested(0, 7 * MIB - 4096)).isEqualTo(16);
  }

  @Test
  void whereTheGuestWroteTheFirstRequestBringsSome() {
    FaultDensity density = new FaultDensity(regions, true);
    assertThat(density.requested(0, 0)).isEqualTo(16);
    assertThat(density.requested(0, 0)).isEqualTo(64);
  }
}
