package io.faultline.demo.kvm;

import io.faultline.demo.kvm.linux.Capability;
import java.util.Map;
import java.util.Optional;

/**
 * How many entries of each size the second-stage page tables of a VM have (EPT, NPT, or shadows of
 * the guest's own tables). KVM creates entries as the guest touches memory: of 2 MiB where memory
 * is backed by huge pages, unless it logs writes.
 *
 * @param pages4k entries of 4 KiB
 * @param pages2m entries of 2 MiB
 * @param pages1g entries of 1 GiB
 */
record SecondStage(long pages4k, long pages2m, long pages1g) {
  /** The current numbers; empty if this kernel does not report them (before Linux 5.14). */
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
