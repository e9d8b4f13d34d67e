package io.faultline.demo.simulated;

import static io.faultline.demo.simulated.TestVms.config;
import static io.faultline.demo.testing.TestHost.KERNEL;
import static io.faultline.demo.testing.TestHost.MIB;
import static io.faultline.demo.testing.TestHost.assumeHugePages;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.testing.PagingThread;
import io.faultline.memory.Backing;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A VM continues with no page present; a thread of this process copies each page on demand. */
final class LocalPostcopyTest {
  private static final long SLEPT_NANOS = 20_000_000;

  @ParameterizedTest
  @EnumSource(Workload.class)
  void migratedVmEqualsTheReference(Workload workload) throws Exception {
    migrate(config(workload, 7).withZeroFraction(0.3), 0);
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void migratedVmThatIsPacedAndWritesRarelyEqualsTheReference(Workload workload) throws Exception {
    migrate(config(workload, 10).withWriteFraction(0.2).withPace(800_000), 0);
  }

  @ParameterizedTest
  @EnumSource(Workload.class)
  void migratedVmThatOnlyReadsEqualsTheReference(Workload workload) throws Exception {
    migrate(config(workload, 11).withWriteFraction(0).withZeroFraction(0.3), 0);
  }

  @ParameterizedTest
  @CsvSource({"UNIFORM, 5000000000", "ZIPF, -5000000000"})
  void guestPauseDoesNotDependOnTheOriginsOfTheClocks(Workload workload, long clockOffset)
      throws Exception {
    migrate(config(workload, 8).withBacking(Backing.SHMEM), clockOffset);
  }

  @Test
  void hugePagesAreCopiedOnDemand() throws Exception {
    assumeHugePages(16);
    migrate(
        SimulatedVmConfig.of(16 * MIB, Backing.HUGETLB_2M, 3, Workload.UNIFORM, 9)
            .withOpsPerVcpu(100_000)
            .withZeroFraction(0.2),
        0);
  }

  /**
   * @param clockOffsetNanos how far the destination's clock is ahead of the source's
   */
  private static void migrate(SimulatedVmConfig config, long clockOffsetNanos) throws Exception {
    AtomicInteger starts = new AtomicInteger();
    AtomicLong firstInstruction = new AtomicLong();
    // The source's VM ends half way, so that operations remain however fast the machine is.
    SimulatedVmConfig half = config.withOpsPerVcpu(config.opsPerVcpu() / 2);
    try (SimulatedVm here = SimulatedVm.create(KERNEL, half);
        SimulatedDestination there = new SimulatedDestination(KERNEL)) {
      SimulatedSource source = new SimulatedSource(here);
      long begin = System.nanoTime();
      here.start();
      TestVms.finish(here);
      long beforePause = System.nanoTime();
      source.pause();
      there.prepare(source.type(), config.toByteString(), TestVms.announced(here));
      SimulatedVm moved = there.vm().orElseThrow();
      try (PagingThread pager = TestVms.pager(here, moved)) {
        Thread.sleep(Duration.ofNanos(SLEPT_NANOS));
        there.loadDeviceState(
            ShiftedClockState.shifted(source.deviceState(), -clockOffsetNanos), clockOffsetNanos);
        there.start(
            nanoTime -> {
              starts.incrementAndGet();
              firstInstruction.set(nanoTime);
            });
        TestVms.finish(moved);
        pager.copyMissingPages();
      }
      TestVms.assertEqualToReference(moved);
      assertThat(starts).hasValue(1);
      assertThat(firstInstruction.get() - beforePause).isGreaterThan(SLEPT_NANOS);
      assertGuestSawThePause(moved, System.nanoTime() - begin);
    }
  }

  private static void assertGuestSawThePause(SimulatedVm moved, long wholeRunNanos) {
    assertThat(moved.times().guestPauseNanos().orElseThrow()).isBetween(SLEPT_NANOS, wholeRunNanos);
    VcpuFaults faults = VcpuFaults.merged(moved.times().faults());
    assertThat(faults.count()).isPositive().isEqualTo(faults.latencyNanos().getTotalCount());
    assertThat(faults.blockedNanos())
        .isGreaterThanOrEqualTo(faults.count() * VcpuFaults.THRESHOLD_NANOS);
    assertThat(faults.latencyNanos().getMinNonZeroValue())
        .isGreaterThan(VcpuFaults.THRESHOLD_NANOS * 99 / 100);
  }
}
