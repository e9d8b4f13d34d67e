package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.uffd.Feature;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MemoryRegistrationTest {
  private final SimulatedKernel kernel = new SimulatedKernel();

  @Test
  void placementSaysWhichFaultsAreRead() {
    try (MemoryRegion anonymous = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 4096);
        MemoryRegion shared = MemoryRegion.map(kernel, 1, "shared", Backing.SHMEM, 4096)) {
      assertThat(MemoryRegistration.modes(Placement.COPY)).containsExactly(RegisterMode.MISSING);
      assertThat(MemoryRegistration.features(List.of(anonymous), Placement.COPY)).isEmpty();
      assertThat(MemoryRegistration.features(List.of(anonymous, shared), Placement.COPY))
          .containsExactly(Feature.MISSING_SHMEM);
      assertThat(MemoryRegistration.modes(Placement.CONTINUE))
          .containsExactlyInAnyOrder(RegisterMode.MISSING, RegisterMode.MINOR);
      assertThat(MemoryRegistration.features(List.of(shared), Placement.CONTINUE))
          .containsExactlyInAnyOrder(Feature.MISSING_SHMEM, Feature.MINOR_SHMEM);
    }
  }

  @Test
  void memoryCanBeRegisteredAgainOnceItIsClosed() {
    try (MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 4096)) {
      List<MemoryRegion> regions = List.of(ram);
      try (MemoryRegistration first = MemoryRegistration.open(kernel, regions, Placement.COPY)) {
        assertThat(first.regions()).containsExactly(ram);
        assertThatThrownBy(() -> MemoryRegistration.open(kernel, regions, Placement.COPY))
            .hasMessageContaining("EBUSY");
      }
      MemoryRegistration.open(kernel, regions, Placement.COPY).close();
    }
  }
}
