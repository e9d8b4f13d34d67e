package io.faultline.demo.simulated;

import static io.faultline.demo.testing.TestHost.KERNEL;
import static io.faultline.demo.testing.TestHost.LIMIT;
import static io.faultline.demo.testing.TestHost.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.testing.PagingThread;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.memory.Backing;
import io.faultline.uffd.FaultScope;
import java.util.List;

/** Small simulated VMs for tests. */
final class TestVms {
  private TestVms() {}

  static SimulatedVmConfig config(Workload workload, long seed) {
    return SimulatedVmConfig.of(4 * MIB, Backing.ANONYMOUS, 2, workload, seed)
        .withOpsPerVcpu(200_000);
  }

  static List<AnnouncedRegion> announced(SimulatedVm vm) {
    return List.of(new AnnouncedRegion(0, "ram", vm.ram().sizeBytes(), vm.ram().pageBytes()));
  }

  /** Resolves the page faults of {@code to}, no page of which is present, with pages of a VM. */
  static PagingThread pager(SimulatedVm from, SimulatedVm to) {
    return PagingThread.between(from.regions(), to.regions(), FaultScope.WIDEST);
  }

  static void finish(SimulatedVm vm) throws InterruptedException {
    assertThat(vm.awaitFinished(LIMIT)).as("finished in time").isTrue();
  }

  static void assertEqualToReference(SimulatedVm vm) {
    ReferenceRun reference = ReferenceRun.run(KERNEL, vm.config(), vm.opsDone());
    assertThat(vm.vcpuDigest()).isEqualTo(reference.vcpus());
    assertThat(vm.memoryDigest()).isEqualTo(reference.memory());
    assertThat(reference.equalTo(vm)).isTrue();
  }
}
