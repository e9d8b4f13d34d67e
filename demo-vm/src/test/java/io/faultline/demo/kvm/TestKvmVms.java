package io.faultline.demo.kvm;

import static io.faultline.demo.testing.TestHost.KERNEL;
import static io.faultline.demo.testing.TestHost.LIMIT;
import static io.faultline.demo.testing.TestHost.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.testing.PagingThread;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.FaultScope;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Small KVM VMs for tests. */
final class TestKvmVms {
  private TestKvmVms() {}

  /** Opens KVM; skips the test if there is none. */
  static KvmHost host() {
    try {
      return KvmHost.open(KERNEL);
    } catch (UnsupportedOperationException e) {
      assumeTrue(false, String.valueOf(e.getMessage()));
      throw e;
    }
  }

  static SimulatedVmConfig programs(Workload workload, int vcpus, long seed) {
    return SimulatedVmConfig.of(8 * MIB, Backing.ANONYMOUS, vcpus, workload, seed)
        .withZeroFraction(0.2);
  }

  static KvmVmConfig endless(Workload workload, int vcpus, long seed) {
    return KvmVmConfig.of(programs(workload, vcpus, seed));
  }

  static List<AnnouncedRegion> announced(KvmVm vm) {
    return vm.regions().stream()
        .map(r -> new AnnouncedRegion(r.id(), r.name(), r.sizeBytes(), r.pageBytes()))
        .toList();
  }

  /** Copies all memory of a paused VM, as a migration does. */
  static void copyMemory(KvmVm from, KvmVm to) {
    for (MemoryRegion region : from.regions()) {
      to.regions().get(region.id()).guest().data().copyFrom(region.guest().data());
    }
  }

  /** Resolves the page faults of {@code to}, no page of which is present, with pages of a VM. */
  static PagingThread pager(KvmVm from, KvmVm to) {
    return PagingThread.between(from.regions(), to.regions(), FaultScope.USER_AND_KERNEL);
  }

  static void finish(KvmVm vm) throws InterruptedException {
    assertThat(vm.awaitFinished(LIMIT)).as("finished in time").isTrue();
  }

  /** Waits until the guest of a migrated VM has noticed its arrival. */
  static void awaitArrival(KvmVm vm) {
    await("the guest runs in time")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> vm.times().guestPauseNanos().isPresent());
  }

  static void stopBetweenOperations(KvmVm vm) throws InterruptedException {
    assertThat(vm.stopBetweenOperations(LIMIT)).as("stopped in time").isTrue();
  }

  static void assertStopsAndEqualsReference(KvmHost host, KvmVm vm) throws InterruptedException {
    stopBetweenOperations(vm);
    assertThat(host.verify(vm)).as("equal to the reference").isTrue();
    assertThat(vm.times().timesBackwards())
        .as("times that the guest's clock went backwards")
        .isZero();
  }

  /** The console of a VM whose vCPU 0 has done so many operations. */
  static List<String> ticks(KvmVmConfig config, long operations) {
    return IntStream.rangeClosed(1, (int) config.ticks(operations))
        .mapToObj(n -> "tick " + n)
        .toList();
  }
}
