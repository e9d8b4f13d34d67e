package io.faultline.demo.kvm;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.MemoryErrorException;
import java.util.List;

/** Names the lost page that a vCPU accessed. */
final class LostPage {
  private LostPage() {}

  /**
   * Adds the page's region and number to a memory error, which has only a host address.
   *
   * @return other failures unchanged
   */
  static Throwable named(Throwable failure, List<MemoryRegion> regions) {
    if (failure instanceof MemoryErrorException error) {
      for (MemoryRegion region : regions) {
        long offset = error.address() - region.guest().address();
        if (offset >= 0 && offset < region.sizeBytes()) {
          String page =
              String.format(
                  "page %d of %s (offset 0x%x) is lost",
                  offset / region.basePageBytes(), region.name(), offset);
          return new MemoryErrorException(error.address(), page);
        }
      }
      if (isReadOnly(error.address())) {
        String page = "a page of its read-only memory is lost; KVM does not report which";
        return new MemoryErrorException(error.address(), page);
      }
    }
    return failure;
  }

  /**
   * For memory that the guest cannot write, KVM reports KVM_HVA_ERR_RO_BAD (kvm_host.h) instead of
   * the host address. That value is in the kernel's half of the address space.
   */
  private static boolean isReadOnly(long address) {
    return address < 0;
  }
}
