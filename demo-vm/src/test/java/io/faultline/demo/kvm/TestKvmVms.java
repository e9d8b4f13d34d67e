package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import java.time.Duration;
import java.util.List;

/** Small KVM VMs for tests. */
final class TestKvmVms {
  static final Kernel KERNEL = new LinuxKernel();
  static final Duration LIMIT = Duration.ofSeconds(60);
  static final long MIB = 1 << 20;

  private TestKvmVms() {}

  /** The host; skips the test where there is none. */
  static KvmHost host() {
    try {
      return KvmHost.open(KERNEL);
    } catch (UnsupportedOperationException e) {
      assumeTrue(false, e.getMessage());
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

  /** What a migration does to memory, where nobody watches it. */
  static void copyMemory(KvmVm from, KvmVm to) {
    for (MemoryRegion region : from.regions()) {
      to.regions().get(region.id()).guest().data().copyFrom(region.guest().data());
    }
  }

  static void finish(KvmVm vm) throws InterruptedException {
    assertThat(vm.awaitFinished(LIMIT)).as("finished in time").isTrue();
  }

  /** The guest of a VM that came from elsewhere has seen that it is here. */
  static void awaitArrival(KvmVm vm) {
    await("the guest runs in time")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> vm.guestPauseNanos().isPresent());
  }

  static void finishStopping(KvmVm vm) throws InterruptedException {
    assertThat(vm.stopBetweenOperations(LIMIT)).as("stopped in time").isTrue();
  }

  static void assertStopsAndEqualsReference(KvmHost host, KvmVm vm) throws InterruptedException {
    finishStopping(vm);
    assertThat(host.verify(vm)).as("equal to the reference").isTrue();
    assertThat(vm.timesBackwards()).as("time ran backwards").isZero();
  }
}
