package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PopulationTest {
  private static final long HUGE_PAGE = 2 << 20;
  private static final int PAGES = 130; // over two steps

  private final SimulatedKernel kernel = new SimulatedKernel();
  private final MemoryRegion small =
      MemoryRegion.map(kernel, 0, "small", Backing.SHMEM, 16 * 4096L);
  private final MemoryRegion huge =
      MemoryRegion.map(kernel, 1, "huge", Backing.HUGETLB_2M, PAGES * HUGE_PAGE);
  private long nowNanos;

  @AfterEach
  void free() {
    huge.close();
    small.close();
  }

  @Test
  void hugePagesAreThereBeforehandAndOthersAreLeftAlone() {
    List<MemoryRegion> regions = List.of(small, huge);
    Arrival arrival = new Arrival("postcopy", false, Placement.CONTINUE);
    IncomingCounters counters = new IncomingCounters();
    try (MemoryWatch watch =
            MemoryWatch.start(kernel, regions, arrival, new NoRequests(), counters);
        Pagemap pagemap = kernel.openPagemap()) {
      Population.run(kernel, watch.regions().all(), () -> nowNanos);
      assertThat(presentPages()).isEqualTo(PAGES);
      assertThat(pagemap.isPresent(small.transfer().address(0))).isFalse();
      assertThat(pagemap.isPresent(huge.guest().address(0))).as("what the guest sees").isFalse();
    }
  }

  @Test
  void itGivesUpWhenTheSourceWouldHaveToWaitTooLong() {
    Population.run(kernel, List.of(huge, small), () -> nowNanos += TimeUnit.SECONDS.toNanos(15));
    assertThat(presentPages()).isBetween(1, PAGES - 1);
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
