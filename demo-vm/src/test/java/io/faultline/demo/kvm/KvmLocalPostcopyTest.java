package io.faultline.demo.kvm;

import static io.faultline.demo.testing.TestHost.MIB;
import static io.faultline.demo.testing.TestHost.assumeHugePages;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.testing.PagingThread;
import io.faultline.demo.testing.TestHost;
import io.faultline.demo.testing.VcpuProgress;
import io.faultline.memory.Backing;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A VM continues with no page present; a thread of this process copies each page on demand. */
@Timeout(120)
final class KvmLocalPostcopyTest {
  /** More than the clocks of the guest and of the host differ. */
  private static final long CLOCK_ERROR_NANOS = 500_000_000;

  @ParameterizedTest
  @CsvSource({
    "SEQUENTIAL, 1",
    "UNIFORM, 2",
    "ZIPF, 4",
    "POINTER_CHASE, 3",
  })
  void migratedVmEqualsTheReference(Workload workload, int vcpus) throws Exception {
    migrate(TestKvmVms.programs(workload, vcpus, 41));
  }

  @Test
  void sharedMemoryIsCopiedOnDemand() throws Exception {
    migrate(TestKvmVms.programs(Workload.UNIFORM, 2, 42).withBacking(Backing.SHMEM));
  }

  @Test
  void hugePagesAreCopiedOnDemand() throws Exception {
    assumeHugePages(16);
    migrate(SimulatedVmConfig.of(16 * MIB, Backing.HUGETLB_2M, 2, Workload.UNIFORM, 43));
  }

  private static void migrate(SimulatedVmConfig programs) throws Exception {
    KvmVmConfig config = KvmVmConfig.of(programs).withTickShift(10);
    List<String> lines = new CopyOnWriteArrayList<>();
    AtomicInteger starts = new AtomicInteger();
    try (KvmHost host = TestKvmVms.host();
        KvmVm here = host.create(config, lines::add);
        KvmDestination there = new KvmDestination(host, null, lines::add)) {
      KvmSource source = new KvmSource(here);
      here.start();
      VcpuProgress.awaitFirstOperations(here::opsDone);
      Thread.sleep(20);
      there.prepare(source.type(), source.configuration(), TestKvmVms.announced(here));
      KvmVm moved = there.vm().orElseThrow();
      long beforePause = System.nanoTime();
      try (PagingThread pager = TestKvmVms.pager(here, moved)) {
        source.pause();
        Thread.sleep(20);
        there.loadDeviceState(source.deviceState(), 0);
        assertThat(moved.times().guestPauseNanos()).as("before the start").isEmpty();
        there.start(nanoTime -> starts.incrementAndGet());
        VcpuProgress.awaitOperationsAfter(here.opsDone(), moved::opsDone);
        TestKvmVms.stopBetweenOperations(moved);
        pager.copyMissingPages();
        assertThat(pager.faults()).isPositive();
      }
      assertThat(host.verify(moved)).as("equal to the reference").isTrue();
      assertThat(starts).hasValue(1);
      assertThat(lines).isEqualTo(TestKvmVms.ticks(config, moved.opsDone()[0]));
      assertGuestSawThePause(moved, System.nanoTime() - beforePause);
    }
  }

  private static void assertGuestSawThePause(KvmVm moved, long sincePauseNanos) {
    assertThat(moved.times().timesBackwards()).isZero();
    assertThat(moved.times().guestPauseNanos().orElseThrow())
        .isBetween(Duration.ofMillis(20).toNanos(), sincePauseNanos + CLOCK_ERROR_NANOS);
    VcpuFaults faults = VcpuFaults.merged(moved.times().faults());
    assertThat(faults.count()).isPositive().isEqualTo(faults.latencyNanos().getTotalCount());
    assertThat(faults.blockedNanos())
        .isGreaterThan(faults.count() * VcpuFaults.THRESHOLD_NANOS * 9 / 10);
  }

  @Test
  void vcpuInAPageFaultIsPausedAndContinuesCorrectly() throws Exception {
    KvmVmConfig config = TestKvmVms.endless(Workload.UNIFORM, 2, 44);
    try (KvmHost host = TestKvmVms.host();
        KvmVm here = host.create(config, line -> {});
        KvmVm moved = host.prepare(config, host.profile(), Backing.ANONYMOUS, line -> {})) {
      here.start();
      Thread.sleep(5);
      here.pause();
      moved.loadState(here.state(), 0);
      try (PagingThread pager = TestKvmVms.pager(here, moved)) {
        moved.start();
        TestKvmVms.awaitArrival(moved);
        pager.setResolving(false);
        long[] before = here.opsDone();
        for (int i = 0; i < 1000; i++) {
          waitForFault(pager);
          moved.pause();
          // Every tenth time pages arrive, and the guest does some operations.
          pager.setResolving(i % 10 == 0);
          moved.resume();
        }
        pager.setResolving(true); // the stop makes the guest repeat faults that were not resolved
        TestKvmVms.stopBetweenOperations(moved);
        pager.copyMissingPages();
        assertThat(Arrays.stream(moved.opsDone()).sum()).isGreaterThan(Arrays.stream(before).sum());
      }
      assertThat(host.verify(moved)).isTrue();
    }
  }

  private static void waitForFault(PagingThread pager) throws InterruptedException {
    int before = pager.faults();
    for (int i = 0; i < 5 && pager.faults() == before; i++) {
      Thread.sleep(0, 200_000);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void vmWhosePagesStopArrivingIsAbandonedImmediately(boolean someArrived) throws Exception {
    KvmVmConfig config = TestKvmVms.endless(Workload.UNIFORM, 3, 45);
    long[] operations;
    try (KvmHost host = TestKvmVms.host();
        KvmVm here = host.create(config, line -> {});
        KvmVm moved = host.prepare(config, host.profile(), Backing.ANONYMOUS, line -> {})) {
      here.start();
      here.pause();
      moved.loadState(here.state(), 0);
      try (PagingThread pager = TestKvmVms.pager(here, moved)) {
        pager.setResolving(someArrived);
        moved.start();
        if (someArrived) {
          TestKvmVms.awaitArrival(moved);
          pager.setResolving(false);
        }
        await().atMost(TestHost.LIMIT).until(() -> pager.faults() > 0);
        if (!someArrived) {
          assertThat(moved.times().longestGapNanos())
              .as("of a clock that is missing")
              .containsOnly(0);
          assertThat(moved.times().faults()).allMatch(faults -> faults.count() == 0);
          assertThat(moved.opsDone()).isEqualTo(here.opsDone());
        }
        moved.abandon();
        operations = moved.opsDone();
      }
      Thread.sleep(5);
      assertThat(moved.opsDone()).isEqualTo(operations);
    }
  }
}
