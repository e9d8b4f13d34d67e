package io.faultline.demo.kvm;

import io.faultline.demo.kvm.linux.Capability;
import java.util.Map;
import java.util.Optional;

/**
 * The entries of the tables by which the processor finds the memory of a VM (EPT, NPT, or shadows
 * of the guest's own tables), by their size. KVM makes them as the guest touches memory, and makes
 * one of 2 MiB where memory is made of huge pages, unless it logs writes.
 *
 * @param pages4k entries of 4 KiB
 * @param pages2m entries of 2 MiB
 * @param pages1g entries of 1 GiB
 */
record SecondStage(long pages4k, long pages2m, long pages1g) {
  /** As they are now; empty where this kernel does not tell (before Linux 5.14). */
  static Optional<SecondStage> of(KvmHost host, KvmVm vm) {
    if (host.kvm().check(Capability.BINARY_STATS_FD) == 0) {
      return Optional.empty();
    }
    Map<String, Long> statistics = vm.parts().machine().statistics();
    Long small = statistics.get("pages_4k");
    Long large = statistics.get("pages_2m");
    Long gigantic = statistics.get("pages_1g");
    return small == null || large == null || gigantic == null
        ? Optional.empty()
        : Optional.of(new SecondStage(small, large, gigantic));
  }
}
