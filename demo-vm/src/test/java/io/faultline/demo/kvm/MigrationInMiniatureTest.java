package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.FirstOperations;
import io.faultline.memory.Backing;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.PageSize;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A VM goes on with no page of its memory there; a thread copies each page as it is asked for. */
final class MigrationInMiniatureTest {
  @ParameterizedTest
  @CsvSource({
    "SEQUENTIAL, 1",
    "UNIFORM, 2",
    "ZIPF, 4",
    "POINTER_CHASE, 3",
  })
  void aVmWhosePagesComeByFaultEqualsTheReference(Workload workload, int vcpus) throws Exception {
    migrate(TestKvmVms.programs(workload, vcpus, 41));
  }

  @Test
  void sharedMemoryComesByFaultToo() throws Exception {
    migrate(TestKvmVms.programs(Workload.UNIFORM, 2, 42).withBacking(Backing.SHMEM));
  }

  @Test
  void hugePagesComeByFaultToo() throws Exception {
    long available =
        TestKvmVms.KERNEL.hugePagePool(PageSize.HUGE_2M).map(HugePagePool::available).orElse(0L);
    assumeTrue(available >= 16, "16 free huge pages of 2 MiB are needed, not " + available);
    migrate(SimulatedVmConfig.of(16 * TestKvmVms.MIB, Backing.HUGETLB_2M, 2, Workload.UNIFORM, 43));
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
      FirstOperations.areDone(here::opsDone);
      Thread.sleep(20);
      there.prepare(source.type(), source.configuration(), TestKvmVms.announced(here));
      KvmVm moved = there.vm().orElseThrow();
      try (KvmPager pager = KvmPager.between(here.regions(), moved.regions())) {
        source.pause();
        Thread.sleep(20);
        there.loadDeviceState(source.deviceState(), 0);
        assertThat(moved.guestPauseNanos()).as("before the start").isEmpty();
        there.start(nanoTime -> starts.incrementAndGet());
        Thread.sleep(30);
        assertThat(moved.stopBetweenOperations(TestKvmVms.LIMIT)).isTrue();
        pager.fillTheRest();
        assertThat(pager.faults()).isPositive();
      }
      assertThat(host.verify(moved)).as("equal to the reference").isTrue();
      assertThat(starts).hasValue(1);
      assertThat(lines)
          .isEqualTo(
              IntStream.rangeClosed(1, (int) (moved.opsDone()[0] >> 10))
                  .mapToObj(n -> "tick " + n)
                  .toList());
      assertGuestSaw(moved);
    }
  }

  private static void assertGuestSaw(KvmVm moved) {
    assertThat(moved.timesBackwards()).isZero();
    assertThat(moved.guestPauseNanos().orElseThrow())
        .isBetween(Duration.ofMillis(20).toNanos(), Duration.ofSeconds(2).toNanos());
    VcpuFaults faults = VcpuFaults.merged(moved.faults());
    assertThat(faults.count()).isPositive().isEqualTo(faults.latencyNanos().getTotalCount());
    assertThat(faults.blockedNanos())
        .isGreaterThan(faults.count() * VcpuFaults.THRESHOLD_NANOS * 9 / 10);
  }

  @Test
  void aVcpuThatSleepsInAPageFaultIsPausedAndGoesOnAsIfNothingHadBeen() throws Exception {
    KvmVmConfig config = TestKvmVms.endless(Workload.UNIFORM, 2, 44);
    try (KvmHost host = TestKvmVms.host();
        KvmVm here = host.create(config, line -> {});
        KvmVm moved = host.prepare(config, host.profile(), Backing.ANONYMOUS, line -> {})) {
      here.start();
      Thread.sleep(5);
      here.pause();
      moved.loadState(here.state(), 0);
      try (KvmPager pager = KvmPager.between(here.regions(), moved.regions())) {
        moved.start();
        TestKvmVms.awaitArrival(moved);
        pager.setAnswering(false);
        long[] before = here.opsDone();
        for (int i = 0; i < 1000; i++) {
          waitForFault(pager);
          long start = System.nanoTime();
          moved.pause();
          assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(5).toNanos());
          // Now and then the pages come, and the guest does some operations.
          pager.setAnswering(i % 10 == 0);
          moved.resume();
        }
        pager.setAnswering(true); // stopping makes the guest take anew what was not answered
        TestKvmVms.finishStopping(moved);
        pager.fillTheRest();
        assertThat(Arrays.stream(moved.opsDone()).sum()).isGreaterThan(Arrays.stream(before).sum());
      }
      assertThat(host.verify(moved)).isTrue();
    }
  }

  private static void waitForFault(KvmPager pager) throws InterruptedException {
    int before = pager.faults();
    for (int i = 0; i < 5 && pager.faults() == before; i++) {
      Thread.sleep(0, 200_000);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aVmWhosePagesComeNoMoreIsAbandonedAtOnce(boolean someCame) throws Exception {
    KvmVmConfig config = TestKvmVms.endless(Workload.UNIFORM, 3, 45);
    long[] operations;
    try (KvmHost host = TestKvmVms.host();
        KvmVm here = host.create(config, line -> {});
        KvmVm moved = host.prepare(config, host.profile(), Backing.ANONYMOUS, line -> {})) {
      here.start();
      here.pause();
      moved.loadState(here.state(), 0);
      try (KvmPager pager = KvmPager.between(here.regions(), moved.regions())) {
        pager.setAnswering(someCame);
        moved.start();
        if (someCame) {
          TestKvmVms.awaitArrival(moved);
          pager.setAnswering(false);
        }
        Thread.sleep(20);
        assertThat(pager.faults()).isPositive();
        if (!someCame) {
          assertThat(moved.longestGapNanos()).as("memory that did not come").containsOnly(0);
          assertThat(moved.faults()).allMatch(faults -> faults.count() == 0);
          assertThat(moved.opsDone()).isEqualTo(here.opsDone());
        }
        long start = System.nanoTime();
        moved.abandon();
        assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(2).toNanos());
        operations = moved.opsDone();
      }
      Thread.sleep(5);
      assertThat(moved.opsDone()).isEqualTo(operations);
    }
  }
}
