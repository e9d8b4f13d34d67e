package io.faultline.demo.kvm;

import io.faultline.demo.simulated.GuestMemory;
import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.uffd.Kernel;

/** Checks a VM against a run of the same programs in Java, without a VM. */
final class KvmVerification {
  private KvmVerification() {}

  /** See {@link KvmHost#verify}. */
  static boolean verify(Kernel kernel, KvmVm vm) {
    if (!fixedMemoryIsIntact(kernel, vm)) {
      return false;
    }
    ReferenceRun reference = ReferenceRun.run(kernel, vm.config().programs(), vm.opsDone());
    return reference.vcpus().equals(vm.vcpuDigest())
        && reference.memory().equals(vm.memoryDigest());
  }

  /** See {@link KvmHost#fixedMemoryIsIntact}. */
  static boolean fixedMemoryIsIntact(Kernel kernel, KvmVm vm) {
    KvmVmConfig config = vm.config();
    GuestRom rom = new GuestRom(config, new GuestMemory(kernel, config.programs()));
    GuestLayout layout = GuestLayout.of(kernel, config, rom.bytes());
    return new PowerOnMemory(config, layout, vm.profile().tscKhz(), rom).equalTo(vm.regions());
  }
}
