package io.faultline.demo.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.dest.AnnouncedRegion;
import io.faultline.memory.Backing;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.linux.LinuxKernel;
import java.time.Duration;
import java.util.List;

/** Small VMs for tests. */
final class TestVms {
  static final Kernel KERNEL = new LinuxKernel();
  static final Duration LIMIT = Duration.ofSeconds(60);
  static final long MIB = 1 << 20;

  private TestVms() {}

  static SimulatedVmConfig config(Workload workload, long seed) {
    return SimulatedVmConfig.of(4 * MIB, Backing.ANONYMOUS, 2, workload, seed)
        .withOpsPerVcpu(200_000);
  }

  static List<AnnouncedRegion> announced(SimulatedVm vm) {
    return List.of(new AnnouncedRegion(0, "ram", vm.ram().sizeBytes(), vm.ram().pageBytes()));
  }

  static void finish(SimulatedVm vm) throws InterruptedException {
    assertThat(vm.awaitFinished(LIMIT)).as("finished in time").isTrue();
  }

  static ReferenceRun reference(SimulatedVm vm) {
    return ReferenceRun.run(KERNEL, vm.config(), vm.opsDone());
  }

  static void assertEqualToReference(SimulatedVm vm) {
    ReferenceRun reference = reference(vm);
    assertThat(vm.vcpuDigest()).isEqualTo(reference.vcpus());
    assertThat(vm.memoryDigest()).isEqualTo(reference.memory());
    assertThat(reference.equalTo(vm)).isTrue();
  }
}
