package io.faultline.demo.kvm;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.MemoryErrorException;
import java.util.List;

/** Which page of the VM it was that a vCPU could not have. */
final class LostPage {
  /**
   * What KVM tells in place of an address of memory that the guest cannot write (KVM_HVA_ERR_RO_BAD
   * of kvm_host.h): an address in the kernel's half.
   */
  private static boolean isReadOnly(long address) {
    return address < 0;
  }

  private LostPage() {}

  /** Names the page of a memory error that the kernel told by its address; else as it is. */
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
        String page = "a page of its read-only memory is lost; KVM does not tell which";
        return new MemoryErrorException(error.address(), page);
      }
    }
    return failure;
  }
}
