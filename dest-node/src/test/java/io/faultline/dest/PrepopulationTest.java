package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Allocation of memory before the VM is paused. */
final class PrepopulationTest {
  private static final long HUGE_PAGE = 2 << 20;
  private static final int PAGES = 130; // more than two steps of 128 MiB
  private static final int SMALL_PAGES = 16;

  private final SimulatedKernel kernel = new SimulatedKernel();
  private final MemoryRegion small =
      MemoryRegion.map(kernel, 0, "small", Backing.SHMEM, SMALL_PAGES * 4096L);
  private final MemoryRegion huge =
      MemoryRegion.map(kernel, 1, "huge", Backing.HUGETLB_2M, PAGES * HUGE_PAGE);
  private long nowNanos;

  @AfterEach
  void free() {
    huge.close();
    small.close();
  }

  @Test
  void populatesTheRequestedPagesOnly() {
    try (RegisteredMemory registered =
            TestMemory.inPrecopy(kernel, Placement.CONTINUE, new IncomingCounters(), small, huge);
        Pagemap pagemap = kernel.openPagemap()) {
      Prepopulation.run(kernel, registered.regions().all(), Populate.NONE, () -> nowNanos);
      assertThat(presentPages()).isZero();
      Prepopulation.run(kernel, registered.regions().all(), Populate.HUGE, () -> nowNanos);
      assertThat(presentPages()).isEqualTo(PAGES);
      assertThat(pagemap.isPresent(small.transfer().address(0))).isFalse();
      assertThat(pagemap.isPresent(huge.guest().address(0))).as("in the guest mapping").isFalse();
      Prepopulation.run(kernel, registered.regions().all(), Populate.ALL, () -> nowNanos);
      for (int page = 0; page < SMALL_PAGES; page++) {
        assertThat(pagemap.isPresent(small.transfer().address(page * 4096L))).isTrue();
        assertThat(pagemap.isPresent(small.guest().address(page * 4096L))).isFalse();
      }
    }
  }

  @Test
  void stopsBeforeTheSourceWaitsTooLong() {
    LongSupplier slow = () -> nowNanos += TimeUnit.SECONDS.toNanos(15);
    Prepopulation.run(kernel, List.of(huge, small), Populate.ALL, slow);
    assertThat(presentPages()).isBetween(1, PAGES - 1);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void populatesBasePagesOnLinux() {
    Kernel linux = new LinuxKernel();
    assumeTrue(
        linux.supportedFeatures().contains(Feature.MINOR_SHMEM),
        "minor faults on shared memory are not available on this machine");
    try (MemoryRegion ram = MemoryRegion.map(linux, 0, "ram", Backing.SHMEM, SMALL_PAGES * 4096L);
        RegisteredMemory registered =
            TestMemory.inPrecopy(linux, Placement.CONTINUE, new IncomingCounters(), ram);
        Pagemap pagemap = linux.openPagemap()) {
      Prepopulation.run(linux, registered.regions().all(), Populate.ALL, System::nanoTime);
      for (int page = 0; page < SMALL_PAGES; page++) {
        assertThat(pagemap.isPresent(ram.transfer().address(page * 4096L))).isTrue();
        assertThat(pagemap.isPresent(ram.guest().address(page * 4096L))).isFalse();
      }
    }
  }

  private int presentPages() {
    int present = 0;
    try (Pagemap pagemap = kernel.openPagemap()) {
      for (int page = 0; page < PAGES; page++) {
        present += pagemap.isPresent(huge.transfer().address(page * HUGE_PAGE)) ? 1 : 0;
      }
    }
    return present;
  }
}
