package io.faultline.demo.simulated;

import static io.faultline.demo.simulated.TestVms.KERNEL;
import static io.faultline.demo.simulated.TestVms.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.Backing;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.PageSize;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A VM goes on with no page of its memory there; a thread copies each page as it is asked for. */
final class MigrationInMiniatureTest {
  @ParameterizedTest
  @EnumSource(Workload.class)
  void aVmWhosePagesComeByFaultEqualsTheReference(Workload workload) throws Exception {
    migrate(config(workload, 7).withZeroFraction(0.3), 0);
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void aVmThatWritesSeldomAndAtAPaceEqualsTheReference(Workload workload) throws Exception {
    migrate(config(workload, 10).withWriteFraction(0.2).withPace(800_000), 0);
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void aVmThatOnlyReadsEqualsTheReference(Workload workload) throws Exception {
    migrate(config(workload, 11).withWriteFraction(0).withZeroFraction(0.3), 0);
  }

  @ParameterizedTest
  @CsvSource({"UNIFORM, 5000000000", "ZIPF, -5000000000"})
  void theGuestsPauseDoesNotDependOnTheOriginOfTheClocks(Workload workload, long clockOffset)
      throws Exception {
    migrate(config(workload, 8).withBacking(Backing.SHMEM), clockOffset);
  }

  @Test
  void hugePagesComeByFaultToo() throws Exception {
    long available = KERNEL.hugePagePool(PageSize.HUGE_2M).map(HugePagePool::available).orElse(0L);
    assumeTrue(available >= 16, "16 free huge pages of 2 MiB are needed, not " + available);
    migrate(
        SimulatedVmConfig.of(16 * TestVms.MIB, Backing.HUGETLB_2M, 3, Workload.UNIFORM, 9)
            .withOpsPerVcpu(100_000)
            .withZeroFraction(0.2),
        0);
  }

  /**
   * @param clockOffsetNanos how far the clock of the machine here is ahead of the source's
   */
  private static void migrate(SimulatedVmConfig config, long clockOffsetNanos) throws Exception {
    AtomicInteger starts = new AtomicInteger();
    AtomicLong firstInstruction = new AtomicLong();
    // The VM stops half way by itself, so that there is something left to do however fast it is.
    SimulatedVmConfig half = config.withOpsPerVcpu(config.opsPerVcpu() / 2);
    try (SimulatedVm here = SimulatedVm.create(KERNEL, half);
        SimulatedDestination there = new SimulatedDestination(KERNEL)) {
      SimulatedSource source = new SimulatedSource(here);
      here.start();
      TestVms.finish(here);
      long beforePause = System.nanoTime();
      source.pause();
      there.prepare(source.type(), config.toByteString(), TestVms.announced(here));
      SimulatedVm moved = there.vm().orElseThrow();
      try (PagingThread pager = PagingThread.between(here, moved)) {
        Thread.sleep(20);
        there.loadDeviceState(
            ShiftedClockState.shifted(source.deviceState(), -clockOffsetNanos), clockOffsetNanos);
        there.start(
            nanoTime -> {
              starts.incrementAndGet();
              firstInstruction.set(nanoTime);
            });
        TestVms.finish(moved);
        pager.fillTheRest();
      }
      TestVms.assertEqualToReference(moved);
      assertThat(starts).hasValue(1);
      assertGuestSawThePause(moved, firstInstruction.get() - beforePause);
    }
  }

  private static void assertGuestSawThePause(SimulatedVm moved, long atLeastAboutNanos) {
    long slept = Duration.ofMillis(20).toNanos();
    assertThat(atLeastAboutNanos).isGreaterThan(slept);
    assertThat(moved.guestPauseNanos().orElseThrow())
        .isBetween(slept, atLeastAboutNanos + Duration.ofSeconds(1).toNanos());
    VcpuFaults faults = VcpuFaults.merged(moved.faults());
    assertThat(faults.count()).isPositive().isEqualTo(faults.latencyNanos().getTotalCount());
    assertThat(faults.blockedNanos())
        .isGreaterThanOrEqualTo(faults.count() * VcpuFaults.THRESHOLD_NANOS);
    assertThat(faults.latencyNanos().getMinNonZeroValue())
        .isGreaterThan(VcpuFaults.THRESHOLD_NANOS * 99 / 100);
  }
}
