package io.faultline.cli.dest;

import io.faultline.dest.IncomingVmException;
import io.faultline.dest.MemoryAdmission;
import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryDemand;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Admits the guest of a QEMU that waits for it. Huge pages are not asked for: the kernel has
 * reserved them when QEMU mapped its RAM, so that the pool no longer shows them as available
 * (mm/hugetlb.c, {@code hugetlb_reserve_pages}).
 *
 * @param rest admits everything else
 */
public record ReservedHugePages(MemoryAdmission rest) implements MemoryAdmission {
  @Override
  public Admitted admit(MemoryDemand vm) throws IncomingVmException {
    Map<Backing, Long> ordinary =
        vm.guestBytes().entrySet().stream()
            .filter(each -> !each.getKey().pageSize().isHuge())
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    return rest.admit(new MemoryDemand(ordinary, vm.overheadBytes()));
  }
}
