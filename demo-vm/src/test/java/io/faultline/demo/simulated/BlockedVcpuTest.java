package io.faultline.demo.simulated;

import static io.faultline.demo.simulated.TestVms.config;
import static io.faultline.demo.testing.TestHost.KERNEL;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.testing.PagingThread;
import io.faultline.demo.testing.TestHost;
import io.faultline.uffd.Advice;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** vCPUs that wait in a page fault of the real kernel. */
@Timeout(120)
final class BlockedVcpuTest {
  private static final SimulatedVmConfig CONFIG =
      config(Workload.POINTER_CHASE, 1).withOpsPerVcpu(0);

  @Test
  void abandonedVcpusEndWhenTheirPageArrivesWithoutUsingIt() throws Exception {
    try (SimulatedVm here = SimulatedVm.create(KERNEL, CONFIG);
        SimulatedVm there = SimulatedVm.prepare(KERNEL, CONFIG, CONFIG.backing())) {
      try (PagingThread pager = TestVms.pager(here, there)) {
        pager.setResolving(false);
        there.start();
        awaitFaults(pager, CONFIG.vcpus());
        there.abandon(); // returns, though no page arrives
        assertThat(there.awaitFinished(Duration.ofMillis(20))).isFalse();
        pager.copyMissingPages();
        assertThat(there.awaitFinished(TestHost.LIMIT)).isFalse();
      }
      assertThat(there.opsDone()).containsOnly(0);
      // The vCPUs waited in loads, and must not have used their values.
      assertThat(there.vcpuDigest()).isEqualTo(here.vcpuDigest());
      assertThat(there.memoryDigest()).isEqualTo(here.memoryDigest());
    }
  }

  @Test
  void abandonedVcpusEndWhenTheUserfaultfdIsClosed() throws Exception {
    try (SimulatedVm here = SimulatedVm.create(KERNEL, CONFIG);
        SimulatedVm there = SimulatedVm.prepare(KERNEL, CONFIG, CONFIG.backing())) {
      try (PagingThread pager = TestVms.pager(here, there)) {
        pager.setResolving(false);
        there.start();
        awaitFaults(pager, CONFIG.vcpus());
        there.abandon();
      }
      assertThat(there.awaitFinished(TestHost.LIMIT)).isFalse();
      assertThat(there.opsDone()).containsOnly(0);
    }
  }

  @Test
  void pauseWaitsForAVcpuInAPageFault() throws Exception {
    try (SimulatedVm here = SimulatedVm.create(KERNEL, CONFIG);
        SimulatedVm there = SimulatedVm.prepare(KERNEL, CONFIG, CONFIG.backing());
        PagingThread pager = TestVms.pager(here, there)) {
      pager.setResolving(false);
      there.start();
      awaitFaults(pager, CONFIG.vcpus());
      CompletableFuture<Void> paused = CompletableFuture.runAsync(there::pause);
      TimeUnit.MILLISECONDS.sleep(50);
      assertThat(paused).isNotDone();
      pager.copyMissingPages();
      paused.get(60, TimeUnit.SECONDS);
      assertThat(there.opsDone()).containsOnly(1);
      TestVms.assertEqualToReference(there);
    }
  }

  @Test
  void pagesRemovedDuringAPauseAreTouchedInNativeStateAgain() throws Exception {
    try (SimulatedVm copy = SimulatedVm.create(KERNEL, CONFIG);
        SimulatedVm vm = SimulatedVm.create(KERNEL, CONFIG)) {
      vm.start();
      TimeUnit.MILLISECONDS.sleep(50);
      vm.pause();
      MemorySegment.copy(
          vm.ram().guest().data(), 0, copy.ram().guest().data(), 0, CONFIG.ramBytes());
      KERNEL.advise(vm.ram().guest().address(), CONFIG.ramBytes(), Advice.DONT_NEED);
      long before = VcpuFaults.merged(vm.times().faults()).count();
      try (PagingThread pager = TestVms.pager(copy, vm)) {
        vm.resume();
        awaitFaults(pager, 200);
        vm.pause();
        // The faults were taken by loads in native state: plain loads are not measured. Most faults
        // stay below the threshold if both processors are free, and do not count.
        assertThat(VcpuFaults.merged(vm.times().faults()).count() - before).isPositive();
        pager.copyMissingPages();
      }
      TestVms.assertEqualToReference(vm);
    }
  }

  private static void awaitFaults(PagingThread pager, int faults) throws InterruptedException {
    while (pager.faults() < faults) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }
}
